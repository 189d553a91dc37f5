//! `infield sandbox`: the emulated vendors as a server, and a few things that happen to surveys in field.

use super::args::parse_vendor;
use super::candidates;
use super::embedded;
use super::ui::{Stop, Ui};
use crate::flow::{Cause, OrFail as _, Outcome, simulate};
use crate::marketplace::registry;
use crate::model::marketplace::SignIn;
use crate::model::pattern::ways;
use crate::model::{Known, VendorId};
use crate::state::Document;
use camino::{Utf8Path, Utf8PathBuf};
use infield_sandbox::{Config, Sandbox, StoreLocation, emulators};
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::net::TcpListener;

/// Run the emulated vendors, or let something happen in them
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: infield sandbox serve --port 4700")]
pub(super) struct SandboxArgs {
    #[command(subcommand)]
    command: SandboxCommand,
}

#[derive(Debug, clap::Subcommand)]
enum SandboxCommand {
    Serve(ServeArgs),
    Reset(ResetArgs),
    Respondents(RespondentsArgs),
    Transactions(TransactionsArgs),
    Clock(ClockArgs),
}

/// Serve the emulated vendors on loopback until Ctrl-C
///
/// PureSpectrum answers below /purespectrum/buyers/v2 and InnovateMR below /innovatemr/api/v2, both with the token
/// `sandbox`; Cint below /cint/v1, with tokens from /cint/oauth/token for the client `sandbox` with the secret
/// `sandbox`. The paths below /_sandbox steer them.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: infield sandbox serve --port 4700 --store /tmp/sandbox --latency 50ms --rate 10/s"
)]
struct ServeArgs {
    /// Port; 0 for a free one, which is printed
    #[arg(long, value_name = "PORT", default_value_t = 4700)]
    port: u16,
    /// Folder of its store [default: in memory]
    #[arg(long, value_name = "DIR")]
    store: Option<Utf8PathBuf>,
    /// How long every vendor call takes at least: 50ms, 2s
    #[arg(long, value_name = "TIME", value_parser = parse_latency)]
    latency: Option<Duration>,
    /// How many vendor calls a second are answered: 10/s
    #[arg(long, value_name = "RATE", value_parser = parse_rate)]
    rate: Option<u32>,
}

/// The store of the embedded sandbox.
#[derive(Debug, clap::Args)]
struct Store {
    /// Folder of the store
    #[arg(long = "store", value_name = "DIR", default_value = ".infield/sandbox")]
    folder: Utf8PathBuf,
}

/// Empty the store of the embedded sandbox
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The state file still remembers the surveys; `infield state rm` forgets them.\n\nExample: infield sandbox reset"
)]
struct ResetArgs {
    #[command(flatten)]
    store: Store,
}

/// The survey or group in which something happens.
#[derive(Debug, clap::Args)]
struct Whose {
    /// Its name, or the vendor's id; at InnovateMR of the group, at Cint of the target group
    #[arg(value_name = "NAME", add = candidates::remembered())]
    name: String,
    /// Where it is [default: what the name says, or the first vendor]
    #[arg(long, value_name = "VENDOR", value_parser = parse_vendor)]
    vendor: Option<VendorId>,
}

impl Whose {
    /// Where it is, and its id there. What no name means is an id.
    fn found(&self, known: &Known) -> Result<(VendorId, String), Stop> {
        let found = simulate::named(&self.name, self.vendor, known)?;
        Ok(found.unwrap_or_else(|| (self.vendor.unwrap_or_else(first), self.name.clone())))
    }

    /// Lets something happen there: `body` with where it is.
    async fn let_happen(&self, what: &str, mut body: Value, store: &Store, ui: &Ui) -> Result<Outcome, Stop> {
        let known = remembered(&store.folder);
        let (vendor, id) = self.found(&known)?;
        (body["vendor"], body["survey"]) = (vendor.key().into(), id.into());
        let happened = admin(&store.folder, what, body, ui).await;
        happened.map_err(|stop| match stop.help {
            Some(_) => stop,
            None => stop.meant(
                &self.name,
                ways(known.named()),
                "give a name that `infield state list` shows, or the vendor's id",
            ),
        })
    }
}

/// What is remembered of surveys in the sandbox of a folder; nothing where that cannot be read.
fn remembered(folder: &Utf8Path) -> Known {
    let bytes = std::fs::read(folder.join("state.json")).unwrap_or_default();
    Document::parse(&bytes).map_or_else(|_| Known::default(), |document| document.known())
}

/// Let respondents answer a survey or group of the embedded sandbox
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: infield sandbox respondents soda-tracker-w3 --completes 25")]
struct RespondentsArgs {
    #[command(flatten)]
    whose: Whose,
    /// Completed interviews
    #[arg(long, value_name = "N", default_value_t = 0)]
    completes: u64,
    /// Interviews the survey ended early
    #[arg(long, value_name = "N", default_value_t = 0)]
    terminations: u64,
    /// Only respondents of this quota
    #[arg(long, value_name = "NAME")]
    quota: Option<String>,
    #[command(flatten)]
    store: Store,
}

/// Make transactions in a survey of the embedded sandbox
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: infield sandbox transactions soda-tracker-w3 --status 16 t-1 t-2")]
struct TransactionsArgs {
    #[command(flatten)]
    whose: Whose,
    /// Ids of the transactions
    #[arg(value_name = "TRANSACTION", required = true)]
    transactions: Vec<String>,
    /// The vendor's number of their status; at PureSpectrum 16 is in progress, 21 a complete, 33 a rejected one
    #[arg(long, value_name = "N", default_value_t = 16)]
    status: u16,
    #[command(flatten)]
    store: Store,
}

/// Move the clock of the embedded sandbox
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: infield sandbox clock 11d")]
struct ClockArgs {
    /// How far: 90s, 3h, 11d
    #[arg(value_name = "TIME", required_unless_present = "stop_at")]
    advance: Option<String>,
    /// Let it stand still at this time instead, until it is moved; 2036-12-01T08:00:00Z
    #[arg(long, value_name = "WHEN", conflicts_with = "advance")]
    stop_at: Option<jiff::Timestamp>,
    #[command(flatten)]
    store: Store,
}

/// The vendor where none is named: the first of the registry.
fn first() -> VendorId {
    registry::install();
    VendorId::all()[0]
}

fn parse_latency(text: &str) -> Result<Duration, String> {
    let (digits, factor) = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
        (Some(digits), _) => (digits, 1),
        (None, Some(digits)) => (digits, 1000),
        (None, None) => (text, 1),
    };
    let number: u64 = digits
        .trim()
        .parse()
        .map_err(|_| format!("`{text}` is not a time such as 50ms or 2s"))?;
    Ok(Duration::from_millis(number.saturating_mul(factor)))
}

fn parse_rate(text: &str) -> Result<u32, String> {
    let digits = text.strip_suffix("/s").unwrap_or(text);
    match digits.trim().parse() {
        Ok(rate) if rate > 0 => Ok(rate),
        _ => Err(format!("`{text}` is not a rate such as 10/s")),
    }
}

pub(super) async fn run(args: &SandboxArgs, ui: &Ui) -> Result<Outcome, Stop> {
    match &args.command {
        SandboxCommand::Serve(args) => serve(args, ui).await,
        SandboxCommand::Reset(args) => {
            open_existing(&args.store.folder)?
                .reset()
                .or_fail("it cannot be emptied")?;
            ui.status(&format!("the sandbox in {} is as new", args.store.folder));
            Ok(Outcome::Done)
        }
        SandboxCommand::Respondents(args) => {
            let body = json!({
                "completes": args.completes,
                "terminations": args.terminations,
                "quota": args.quota,
            });
            let what = "/_sandbox/respondents";
            args.whose.let_happen(what, body, &args.store, ui).await
        }
        SandboxCommand::Transactions(args) => {
            let ids = args.transactions.iter();
            let items: Vec<_> = ids.map(|id| json!({"transaction_id": id})).collect();
            let body = json!({"status": args.status, "count": true, "transactions": items});
            let what = "/_sandbox/transactions";
            args.whose.let_happen(what, body, &args.store, ui).await
        }
        SandboxCommand::Clock(args) => {
            let body = match (&args.advance, args.stop_at) {
                (Some(advance), _) => json!({"advance": advance}),
                (None, at) => json!({"stop": at}),
            };
            admin(&args.store.folder, "/_sandbox/clock", body, ui).await
        }
    }
}

async fn serve(args: &ServeArgs, ui: &Ui) -> Result<Outcome, Stop> {
    let config = Config {
        store: args.store.as_ref().map_or(StoreLocation::Memory, |folder| {
            StoreLocation::Directory(folder.into())
        }),
        latency: args.latency.unwrap_or_default(),
        rate_per_second: args.rate,
        ..Config::default()
    };
    let sandbox = open(config, "the sandbox")?;
    let address = (IpAddr::V4(Ipv4Addr::LOCALHOST), args.port);
    let listener = TcpListener::bind(address).await.map_err(|error| {
        Stop::failed(format!("port {} cannot be used: {error}", args.port)).help("--port 0 takes a free one")
    })?;
    let local = listener.local_addr().or_fail("the port cannot be told")?;
    ui.data(&format!("infield sandbox on http://{local}\n"))?;
    ui.status(&addresses(local));
    let shutdown = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    sandbox
        .serve(listener, shutdown)
        .await
        .or_fail("the sandbox stopped")?;
    Ok(Outcome::Done)
}

/// Where everything answers, and how one signs in.
fn addresses(local: SocketAddr) -> String {
    let token = embedded::TOKEN;
    let emulated = VendorId::all().iter();
    let rows: Vec<(&str, String, String)> = emulated
        .filter_map(|vendor| {
            let emulator = vendor.facts().emulator?;
            let sign_in = match vendor.facts().sign_in {
                SignIn::Token => format!("token `{token}`"),
                SignIn::Client => format!("client `{token}`, secret `{token}`"),
            };
            let url = format!("http://{local}/{vendor}{}", emulator.base);
            Some((vendor.name(), url, format!("{sign_in}{}", emulator.note)))
        })
        .collect();
    let name = rows.iter().map(|(name, _, _)| name.len()).max().unwrap_or(0);
    let wide = rows.iter().map(|(_, url, _)| url.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (vendor, url, sign_in) in &rows {
        text += &format!(
            "  {vendor:name$}  {url:wide$}  {sign_in}
"
        );
    }
    text + &format!(
        "  {:name$}  http://{local}/_sandbox
  Ctrl-C ends it",
        "admin"
    )
}

/// Opens a store that is there; making an empty one because of a mistyped folder would help nobody.
fn open_existing(folder: &Utf8Path) -> Result<Sandbox, Stop> {
    if !folder.is_dir() {
        return Err(Stop::failed(format!("there is no sandbox in {folder}"))
            .help("run it in the project's folder, or give --store"));
    }
    open(embedded::config(folder), &format!("the sandbox in {folder}"))
}

fn open(config: Config, what: &str) -> Result<Sandbox, Stop> {
    Sandbox::open(config, emulators()).map_err(|error| {
        let cause = if error.is_locked() {
            Cause::Stale
        } else {
            Cause::Failed
        };
        Stop::new(cause, format!("{what} cannot be opened: {error}"))
    })
}

/// Sends one admin request to the sandbox of a folder, in process.
async fn admin(folder: &Utf8Path, path: &str, body: Value, ui: &Ui) -> Result<Outcome, Stop> {
    let text = embedded::ask(&open_existing(folder)?, path, body).await?;
    ui.document(&format!("{}\n", text.trim()))?;
    Ok(Outcome::Done)
}
