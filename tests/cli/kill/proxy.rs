//! A small proxy between infield and the sandbox that ends infield at a chosen moment.
//!
//! One request per connection, handed on as it came. What reaches the vendor and when is decided here and nowhere else;
//! the order in which a process sends what it sends at once is its own.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Child;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

/// When the process is killed, counting its requests from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The request has left the process and has not reached the vendor.
    Before(usize),
    /// The vendor has done it, and the answer has not been handed back.
    After(usize),
    /// The answer was handed back, and the process has written something down since, or was about to.
    Relayed(usize),
    /// So long after it was started, wherever it is then.
    At(Duration),
}

/// How long a process may take to write down the answer to a write before it is killed anyway.
const GRACE: Duration = Duration::from_millis(300);
/// Only spares the processor between two looks at the journal.
const PAUSE: Duration = Duration::from_millis(1);

#[derive(Default)]
struct Inner {
    /// Connections of an earlier process are dropped unheard.
    generation: u64,
    requests: usize,
    under_way: usize,
    moment: Option<Moment>,
    child: Option<Child>,
    killed: bool,
    journal: PathBuf,
}

impl Inner {
    fn journal_length(&self) -> u64 {
        std::fs::metadata(&self.journal).map_or(0, |journal| journal.len())
    }

    /// Whether the process has not ended yet.
    fn runs(&mut self) -> bool {
        let child = self.child.as_mut();
        child.is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }
}

/// The proxy; copies share everything.
#[derive(Clone)]
pub(crate) struct Proxy {
    inner: Arc<(Mutex<Inner>, Condvar)>,
    vendor: SocketAddr,
    pub(crate) address: SocketAddr,
}

impl Proxy {
    pub(crate) fn start(vendor: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let proxy = Self {
            inner: Arc::default(),
            vendor,
            address: listener.local_addr().unwrap(),
        };
        let acceptor = proxy.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let generation = acceptor.lock().generation;
                let proxy = acceptor.clone();
                thread::spawn(move || {
                    // A connection that breaks is one whose process was killed.
                    let _ = proxy.serve(stream, generation);
                });
            }
        });
        proxy
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.0.lock().unwrap()
    }

    /// Runs a process that speaks through this proxy. Gives its output, how many requests it made, and whether it was
    /// killed.
    pub(crate) fn run(
        &self,
        moment: Option<Moment>,
        journal: PathBuf,
        spawn: impl FnOnce() -> Child,
    ) -> (Option<i32>, usize, bool) {
        self.forget_the_dead();
        let mut stdout = {
            let mut inner = self.lock();
            inner.requests = 0;
            inner.killed = false;
            inner.moment = moment;
            inner.journal = journal;
            let mut child = spawn();
            let stdout = child.stdout.take().unwrap();
            inner.child = Some(child);
            stdout
        };
        if let Some(Moment::At(after)) = moment {
            self.kill_after(after);
        }
        // Ends when the process does.
        let _ = io::copy(&mut stdout, &mut io::sink());
        let mut child = self.lock().child.take().unwrap();
        let code = child.wait().unwrap().code();
        let mut inner = self.lock();
        while inner.under_way > 0 {
            inner = self.inner.1.wait(inner).unwrap();
        }
        (code, inner.requests, inner.killed)
    }

    /// Kills the process after a time, unless it ends by itself.
    fn kill_after(&self, after: Duration) {
        let until = Instant::now() + after;
        let mut inner = self.lock();
        while inner.runs() && Instant::now() < until {
            inner = self.inner.1.wait_timeout(inner, PAUSE).unwrap().0;
        }
        if inner.runs() {
            kill(&mut inner);
        }
    }

    /// Makes sure that whatever the last process had sent is over: a connection made now is accepted after all of them.
    fn forget_the_dead(&self) {
        let before = self.lock().generation;
        let mut fence = TcpStream::connect(self.address).unwrap();
        fence.write_all(b"FENCE\r\n\r\n").unwrap();
        let _ = fence.read_to_end(&mut Vec::new());
        assert!(self.lock().generation > before);
    }

    fn serve(&self, mut stream: TcpStream, generation: u64) -> io::Result<()> {
        let request = read_message(&mut stream)?;
        let number = {
            let mut inner = self.lock();
            if request.starts_with(b"FENCE") {
                inner.generation += 1;
                return Ok(());
            }
            if inner.generation != generation || inner.killed || request.is_empty() {
                return Ok(());
            }
            let number = inner.requests;
            inner.requests += 1;
            self.inner.1.notify_all();
            if inner.moment == Some(Moment::Before(number)) {
                kill(&mut inner);
                return Ok(());
            }
            inner.under_way += 1;
            number
        };
        let answer = self.forward(&request);
        let relay = {
            let mut inner = self.lock();
            if inner.moment == Some(Moment::After(number)) {
                kill(&mut inner);
            }
            inner.under_way -= 1;
            self.inner.1.notify_all();
            !inner.killed
        };
        let answer = answer?;
        if !relay {
            return Ok(());
        }
        let (written, sent) = {
            let inner = self.lock();
            (inner.journal_length(), inner.requests)
        };
        stream.write_all(&answer)?;
        stream.flush()?;
        let mut inner = self.lock();
        if inner.moment != Some(Moment::Relayed(number)) {
            return Ok(());
        }
        let until = Instant::now() + GRACE;
        // Of what it only looked at the process need not write down anything before it goes on.
        let only_looked = request.starts_with(b"GET ");
        while Instant::now() < until
            && inner.runs()
            && inner.journal_length() == written
            && !(only_looked && inner.requests > sent)
        {
            inner = self.inner.1.wait_timeout(inner, PAUSE).unwrap().0;
        }
        kill(&mut inner);
        Ok(())
    }

    fn forward(&self, request: &[u8]) -> io::Result<Vec<u8>> {
        let mut vendor = TcpStream::connect(self.vendor)?;
        vendor.write_all(&closing(request))?;
        let mut answer = Vec::new();
        vendor.read_to_end(&mut answer)?;
        Ok(answer)
    }
}

fn kill(inner: &mut Inner) {
    if let Some(child) = &mut inner.child {
        inner.killed = true;
        // SIGKILL; it may have ended by itself a moment ago.
        let _ = child.kill();
    }
}

/// Reads one request: head, and as much body as the head announces.
fn read_message(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut message = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some(end) = head_end(&message) {
            let head = String::from_utf8_lossy(&message[..end]).to_ascii_lowercase();
            let body: usize = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length:"))
                .and_then(|length| length.trim().parse().ok())
                .unwrap_or(0);
            if message.len() >= end + body {
                return Ok(message);
            }
        }
        let count = stream.read(&mut buffer)?;
        if count == 0 {
            return Ok(Vec::new());
        }
        message.extend_from_slice(&buffer[..count]);
    }
}

fn head_end(message: &[u8]) -> Option<usize> {
    message
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .map(|at| at + 4)
}

/// The same request, asking for the connection to be closed after its answer.
fn closing(request: &[u8]) -> Vec<u8> {
    let line = request
        .windows(2)
        .position(|window| window == b"\r\n")
        .map_or(0, |at| at + 2);
    let mut closing = request[..line].to_vec();
    closing.extend_from_slice(b"connection: close\r\n");
    closing.extend_from_slice(&request[line..]);
    closing
}
