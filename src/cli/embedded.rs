//! The sandbox inside this process: any command in the environment `sandbox` starts it on a free port.

use super::exit::Exit;
use super::ui::{Stop, Ui};
use crate::model::VendorId;
use camino::Utf8Path;
use infield_sandbox::{Clock, Config, Sandbox, SandboxError, StoreLocation, emulators};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The token every emulated vendor takes.
pub(super) const TOKEN: &str = "sandbox";

/// Requests under way at once; there is nobody to be polite to.
pub(super) const CONCURRENCY: usize = 8;

/// How long another command in the same folder is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// A running sandbox.
pub(super) struct Embedded {
    address: SocketAddr,
    clock: Clock,
    stop: oneshot::Sender<()>,
    server: JoinHandle<Result<(), SandboxError>>,
}

impl Embedded {
    /// Starts it over the store in this folder.
    ///
    /// # Errors
    /// When the store is in use for too long, or no port can be had.
    pub(super) async fn start(folder: &Utf8Path, ui: &Ui) -> Result<Self, Stop> {
        let sandbox = open_patiently(folder, ui).await?;
        let no_port = |error| Stop::failed(format!("the sandbox gets no port: {error}"));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.map_err(no_port)?;
        let address = listener.local_addr().map_err(no_port)?;
        let clock = sandbox.clock();
        let (stop, stopped) = oneshot::channel::<()>();
        let server = tokio::spawn(async move {
            sandbox
                .serve(listener, async {
                    let _ = stopped.await;
                })
                .await
        });
        tracing::info!(%address, "sandbox started");
        Ok(Self {
            address,
            clock,
            stop,
            server,
        })
    }

    /// What time it is in there.
    pub(super) fn now(&self) -> jiff::Timestamp {
        self.clock.now()
    }

    /// The address of a path of an emulated vendor.
    pub(super) fn url(&self, vendor: VendorId, path: &str) -> String {
        format!("http://{}/{vendor}{path}", self.address)
    }

    /// Ends it, when its last call is done.
    pub(super) async fn stop(self) {
        let _ = self.stop.send(());
        let _ = self.server.await;
    }
}

/// A sandbox over the store in a folder, which survives whatever happens to the process.
pub(super) fn config(folder: &Utf8Path) -> Config {
    Config {
        store: StoreLocation::Directory(folder.into()),
        durable: true,
        ..Config::default()
    }
}

/// The store belongs to one process at a time; a `plan` beside an `apply` waits for it a little.
async fn open_patiently(folder: &Utf8Path, ui: &Ui) -> Result<Sandbox, Stop> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let mut told = false;
    loop {
        match Sandbox::open(config(folder), emulators()) {
            Ok(sandbox) => return Ok(sandbox),
            Err(error) if error.is_locked() && tokio::time::Instant::now() < deadline => {
                if !told {
                    ui.status("the sandbox in this folder is in use by another command; waiting for it");
                    told = true;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            Err(error) if error.is_locked() => {
                return Err(Stop::new(
                    Exit::LockedOrStale,
                    format!("the sandbox in {folder} is in use by another process"),
                )
                .help("stop that process, or give the environment a `base_url` of the sandbox it serves"));
            }
            Err(error) => {
                return Err(Stop::failed(format!(
                    "the sandbox in {folder} cannot be opened: {error}"
                )));
            }
        }
    }
}
