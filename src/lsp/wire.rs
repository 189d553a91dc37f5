//! Messages over stdin and stdout. Promises: a message takes as much memory as came of it, whatever length it claims; one
//! that is larger than [`LARGEST`] is passed over, and the next one is read.

use lsp_server::{Connection, Message};
use std::io::{self, BufRead, ErrorKind, Read as _};
use std::thread::{self, JoinHandle};

/// Bytes of a message at most: ten times the largest manifest.
const LARGEST: u64 = 64 * 1024 * 1024;
/// Bytes of a message's head at most.
const LARGEST_HEAD: u64 = 8 * 1024;

/// What carries messages to and from the editor.
#[derive(Debug)]
pub struct Threads([JoinHandle<io::Result<()>>; 2]);

impl Threads {
    /// Waits until everything is sent.
    ///
    /// # Errors
    /// When the editor cannot be reached, or what it sends are no messages.
    pub fn join(self) -> io::Result<()> {
        for thread in self.0 {
            let ended = thread.join();
            ended.unwrap_or_else(|_| Err(io::Error::other("a thread ended early")))?;
        }
        Ok(())
    }
}

/// A connection over stdin and stdout.
pub fn stdio() -> (Connection, Threads) {
    let (ours, theirs) = Connection::memory();
    let Connection { sender, receiver } = theirs;
    let reader = thread::spawn(move || {
        let mut stdin = io::stdin().lock();
        while let Some(message) = read(&mut stdin)? {
            let last = matches!(&message, Message::Notification(told) if told.method == "exit");
            if sender.send(message).is_err() || last {
                break;
            }
        }
        Ok(())
    });
    let writer = thread::spawn(move || {
        let mut stdout = io::stdout().lock();
        receiver
            .into_iter()
            .try_for_each(|message| message.write(&mut stdout))
    });
    (ours, Threads([reader, writer]))
}

/// The next message that is not too large; `None` at the end.
fn read(input: &mut impl BufRead) -> io::Result<Option<Message>> {
    loop {
        let mut text = Vec::new();
        let mut length = None;
        loop {
            let begin = text.len();
            let room = LARGEST_HEAD.saturating_sub(begin as u64);
            input.by_ref().take(room).read_until(b'\n', &mut text)?;
            let line = text.get(begin..).unwrap_or_default();
            if line.is_empty() && room > 0 {
                return Ok(None);
            }
            let line = std::str::from_utf8(line).ok().filter(|line| line.ends_with('\n'));
            let line =
                line.ok_or_else(|| io::Error::new(ErrorKind::InvalidData, "this is no head of a message"))?;
            match line.trim().split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = Some(
                        value
                            .trim()
                            .parse::<u64>()
                            .map_err(|e| io::Error::new(ErrorKind::InvalidData, e))?,
                    );
                }
                Some(_) => {}
                None if line.trim().is_empty() => break,
                None => {
                    return Err(io::Error::new(
                        ErrorKind::InvalidData,
                        "this is no head of a message",
                    ));
                }
            }
        }
        let length =
            length.ok_or_else(|| io::Error::new(ErrorKind::InvalidData, "a message without its length"))?;
        if length > LARGEST {
            io::copy(&mut input.by_ref().take(length), &mut io::sink())?;
            continue;
        }
        input.by_ref().take(length).read_to_end(&mut text)?;
        return Message::read(&mut text.as_slice());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: i32) -> String {
        let body = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"shutdown"}}"#);
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    }

    #[test]
    fn a_message_that_is_too_large_is_passed_over() {
        let head = format!("Content-Length: {}\r\n\r\n", LARGEST + 1);
        let (one, two) = (message(1), message(2));
        let huge = head.as_bytes().chain(io::repeat(b' ').take(LARGEST + 1));
        let mut input = io::BufReader::new(one.as_bytes().chain(huge).chain(two.as_bytes()));
        for id in [1, 2] {
            let Some(Message::Request(request)) = read(&mut input).unwrap() else {
                panic!("no request {id}");
            };
            assert_eq!(request.id, id.into());
        }
        assert!(read(&mut input).unwrap().is_none());
    }

    #[test]
    fn a_length_that_nothing_has_takes_no_memory() {
        let claimed = format!("Content-Length: {}\r\n\r\n{{", u64::MAX);
        assert!(read(&mut claimed.as_bytes()).unwrap().is_none());
        for wrong in [
            "Content-Length: 99999999999999999999\r\n\r\n",
            "\r\n",
            "hello\r\n\r\n",
            "x",
        ] {
            assert!(read(&mut wrong.as_bytes()).is_err(), "{wrong:?}");
        }
        let endless = "x: y\r\n".repeat(100_000);
        assert!(read(&mut endless.as_bytes()).is_err());
    }
}
