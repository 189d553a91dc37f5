//! The sandbox inside this process: any command in the environment `sandbox` starts it on a free port.

use crate::flow::{Emulators, OrFail as _, Stop, Terminal};
use camino::Utf8Path;
use infield_sandbox::{Config, Sandbox, StoreLocation, emulators};
use serde_json::Value;
use std::net::Ipv4Addr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// The token every emulated vendor takes.
pub(super) const TOKEN: &str = "sandbox";

/// Requests under way at once; there is nobody to be polite to.
const CONCURRENCY: usize = 8;

/// How long another command in the same folder is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Starts it over the store in this folder.
///
/// # Errors
/// When the store is in use for too long, or no port can be had.
pub(super) async fn start(folder: &Utf8Path, terminal: &dyn Terminal) -> Result<Emulators, Stop> {
    serve(open_patiently(folder, terminal).await?).await
}

/// Lets a sandbox answer on a free port.
///
/// # Errors
/// When no port can be had.
pub(super) async fn serve(sandbox: Sandbox) -> Result<Emulators, Stop> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let listener = listener.or_fail("the sandbox gets no port")?;
    let address = listener.local_addr().or_fail("the sandbox gets no port")?;
    let clock = sandbox.clock();
    let (stop, stopped) = oneshot::channel::<()>();
    let until = async {
        let _ = stopped.await;
    };
    let server = tokio::spawn(async move { sandbox.serve(listener, until).await });
    tracing::info!(%address, "sandbox started");
    Ok(Emulators {
        url: format!("http://{address}"),
        token: TOKEN,
        concurrency: CONCURRENCY,
        now: Box::new(move || clock.now()),
        stop: Box::pin(async move {
            let _ = stop.send(());
            let _ = server.await;
        }),
    })
}

/// Sends one request of a body to the sandbox's own endpoints, in process, and gives what it answers. What is null is left out.
///
/// # Errors
/// When it refuses.
pub(super) async fn ask(sandbox: &Sandbox, path: &str, mut body: Value) -> Result<String, Stop> {
    if let Some(map) = body.as_object_mut() {
        map.retain(|_, value| !value.is_null());
    }
    let request = http::Request::post(path)
        .header(http::header::CONTENT_TYPE, "application/json")
        .body(body.to_string().into())
        .map_err(|e| Stop::failed(e.to_string()))?;
    let answer = sandbox
        .call(request)
        .await
        .map_err(|_| Stop::failed("the sandbox gave no answer"))?;
    let text = String::from_utf8_lossy(answer.body()).into_owned();
    if !answer.status().is_success() {
        let said: Option<Value> = serde_json::from_str(&text).ok();
        let why = said.as_ref().and_then(|said| said["error"].as_str());
        return Err(Stop::failed(format!(
            "the sandbox refuses: {}",
            why.unwrap_or(text.trim())
        )));
    }
    Ok(text)
}

/// A sandbox over the store in a folder, which survives whatever happens to the process.
pub(super) fn config(folder: &Utf8Path) -> Config {
    Config {
        store: StoreLocation::Directory(folder.into()),
        ..Config::default()
    }
}

/// The store belongs to one process at a time; a `plan` beside an `apply` waits for it a little.
async fn open_patiently(folder: &Utf8Path, terminal: &dyn Terminal) -> Result<Sandbox, Stop> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let mut told = false;
    loop {
        match Sandbox::open(config(folder), emulators()) {
            Ok(sandbox) => return Ok(sandbox),
            Err(error) if error.is_locked() && tokio::time::Instant::now() < deadline => {
                if !told {
                    terminal
                        .status("the sandbox in this folder is in use by another command; waiting for it");
                    told = true;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            Err(error) if error.is_locked() => {
                return Err(
                    Stop::stale(format!("the sandbox in {folder} is in use by another process")).help(
                        "stop that process, or give the environment a `base_url` of the sandbox it serves",
                    ),
                );
            }
            Err(error) => {
                return Err(Stop::failed(format!(
                    "the sandbox in {folder} cannot be opened: {error}"
                )));
            }
        }
    }
}
