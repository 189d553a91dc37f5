//! Real connections to servers that are not as servers should be.

use super::*;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A server that treats each connection in the same way, in a thread that ends with the test; its address.
fn server(serve: impl Fn(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/x", listener.local_addr().unwrap());
    std::thread::spawn(move || listener.incoming().flatten().for_each(serve));
    address
}

fn post(url: &str) -> Outgoing {
    Outgoing {
        method: http::Method::POST,
        url: url.to_owned(),
        headers: HeaderMap::new(),
        body: Some(Bytes::from_static(b"{}")),
    }
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_said_to_be_so() {
    let url = server(|mut stream| {
        let mut request = [0; 4096];
        let _ = stream.read(&mut request);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
        let part = vec![b' '; 1024 * 1024];
        // The client hangs up in the middle.
        while stream.write_all(&part).is_ok() {}
    });
    let answer = Network::new([]).send(post(&url)).await;
    assert_eq!(
        answer.unwrap_err(),
        NoAnswer::TooLarge("the answer is larger than 64 MB".to_owned())
    );
}

/// Reads a frame of HTTP/2: its kind and its stream.
fn frame(stream: &mut TcpStream) -> std::io::Result<(u8, [u8; 4])> {
    let mut head = [0; 9];
    stream.read_exact(&mut head)?;
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
    let mut payload = vec![0; usize::try_from(length).unwrap()];
    stream.read_exact(&mut payload)?;
    Ok((head[3], [head[5], head[6], head[7], head[8]]))
}

/// Refuses every stream, as a server does that is about to stop (RFC 9113, 8.7).
fn refuse_streams(mut stream: TcpStream, requests: &AtomicUsize) -> std::io::Result<()> {
    let mut preface = [0; 24];
    stream.read_exact(&mut preface)?;
    // Settings, none of them.
    stream.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0])?;
    loop {
        let (kind, id) = frame(&mut stream)?;
        // Headers: a request begins.
        if kind == 1 {
            requests.fetch_add(1, Ordering::SeqCst);
            let mut refused = vec![0, 0, 4, 3, 0];
            refused.extend(id);
            refused.extend([0, 0, 0, 7]);
            stream.write_all(&refused)?;
        }
    }
}

#[tokio::test]
async fn the_library_repeats_no_request_by_itself() {
    let requests = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&requests);
    let url = server(move |stream| {
        // It ends when the client hangs up.
        let _ = refuse_streams(stream, &counted);
    });
    let network = Network {
        here: LazyLock::new(|| client(|builder| builder.no_proxy().http2_prior_knowledge())),
        ..Network::new([])
    };
    let answer = network.send(post(&url)).await;
    assert!(matches!(answer, Err(NoAnswer::Lost(_))), "{answer:?}");
    assert_eq!(requests.load(Ordering::SeqCst), 1);
}

/// What arrives at a server of a request, head and body.
async fn arrives(request: impl FnOnce(String) -> Outgoing) -> String {
    let (sender, receiver) = std::sync::mpsc::channel();
    let url = server(move |mut stream| {
        let mut request = [0; 4096];
        let length = stream.read(&mut request).unwrap_or(0);
        let _ = sender.send(String::from_utf8_lossy(&request[..length]).into_owned());
        let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
    });
    Network::new([]).send(request(url)).await.unwrap();
    receiver.recv().unwrap().to_lowercase()
}

#[tokio::test]
async fn a_request_that_says_it_has_no_body_says_so_on_the_wire_once() {
    let without = |url: String| {
        let mut headers = HeaderMap::new();
        headers.insert("content-length", http::HeaderValue::from_static("0"));
        Outgoing {
            headers,
            body: None,
            ..post(&url)
        }
    };
    let head = arrives(without).await;
    assert_eq!(head.matches("content-length: 0\r\n").count(), 1, "{head}");
    assert!(!head.contains("transfer-encoding"), "{head}");
    let head = arrives(|url| post(&url)).await;
    assert_eq!(head.matches("content-length").count(), 1, "{head}");
}
