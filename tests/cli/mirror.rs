//! A vendor that repeats secrets: it stands before the sandbox, takes another token, and puts what it was shown into its
//! answers.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// The word in answers that stands for everything secret.
pub(crate) const WORD: &str = "MIRROR";

/// Before a sandbox.
pub(crate) struct Mirror {
    /// Where it listens.
    pub(crate) port: u16,
    issued: Arc<Mutex<Vec<String>>>,
}

impl Mirror {
    /// Stands before the sandbox at this port, and takes this secret where that one takes `sandbox`.
    pub(crate) fn before(sandbox: u16, secret: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let issued: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = Arc::clone(&issued);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = Arc::clone(&kept);
                // Whoever asks may go away in the middle.
                std::thread::spawn(move || answer(stream, sandbox, secret, &kept));
            }
        });
        Self { port, issued }
    }

    /// Tokens that were issued and then shown to it.
    pub(crate) fn issued(&self) -> Vec<String> {
        self.issued.lock().unwrap().clone()
    }
}

fn answer(mut stream: TcpStream, sandbox: u16, secret: &str, issued: &Mutex<Vec<String>>) -> Option<()> {
    let mut bytes = Vec::new();
    let (head, body) = loop {
        let mut more = [0; 4096];
        let count = stream.read(&mut more).ok()?;
        bytes.extend_from_slice(&more[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let whole = text.split_once("\r\n\r\n").filter(|(head, body)| {
            let length = value(head, "content-length").map_or(0, |length| length.parse().unwrap());
            body.len() >= length
        });
        match whole {
            Some((head, body)) => break (head.to_owned(), body.to_owned()),
            None if count == 0 => return None,
            None => {}
        }
    };
    let bearer =
        value(&head, "authorization").and_then(|line| line.strip_prefix("Bearer ").map(str::to_owned));
    issued.lock().unwrap().extend(bearer.clone());
    let body = body.replace(secret, "sandbox");
    let head = with(&head.replace(secret, "sandbox"), body.len());
    let mut to = TcpStream::connect(("127.0.0.1", sandbox)).ok()?;
    to.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).ok()?;
    let mut text = String::new();
    to.read_to_string(&mut text).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let shown = format!("{secret} {}", bearer.unwrap_or_default());
    let body = body.replace(WORD, shown.trim());
    let head = format!("{}\r\nX-Request-Id: {}", with(head, body.len()), shown.trim());
    stream.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).ok()
}

/// The value of a line of a head.
fn value(head: &str, name: &str) -> Option<String> {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    let found = lines.find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.to_owned())
}

/// A head with another length of the body, after which the connection ends.
fn with(head: &str, length: usize) -> String {
    let own = |line: &&str| {
        let line = line.to_ascii_lowercase();
        !line.starts_with("content-length:") && !line.starts_with("connection:")
    };
    let lines: Vec<&str> = head.lines().filter(own).collect();
    format!(
        "{}\r\nContent-Length: {length}\r\nConnection: close",
        lines.join("\r\n")
    )
}
