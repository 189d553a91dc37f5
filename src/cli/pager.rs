//! Long texts on a terminal: through a pager, as git does it. Never where stdout is anything but a terminal.

use std::io::{ErrorKind, Write as _};
use std::process::{Command, Stdio};

/// Rows of the terminal.
pub(super) fn rows() -> Option<usize> {
    let (_, terminal_size::Height(rows)) = terminal_size::terminal_size()?;
    Some(rows.into())
}

/// Shows a text through a pager; whether that was done.
pub(super) fn show(text: &str) -> bool {
    let variable = |name: &str| std::env::var(name).ok();
    let wanted = variable("INFIELD_PAGER").or_else(|| variable("PAGER"));
    let Some((program, args)) = command(wanted.as_deref()) else {
        return false;
    };
    let mut pager = Command::new(program);
    pager.args(args).stdin(Stdio::piped());
    if std::env::var_os("LESS").is_none() {
        // It ends by itself where all fits, keeps colours, and leaves the text on the screen.
        pager.env("LESS", "FRX");
    }
    // Ctrl-C is the pager's for as long as it runs.
    let _asked = deaf();
    let Ok(mut running) = pager.spawn() else {
        return false;
    };
    if let Some(mut pipe) = running.stdin.take()
        && let Err(error) = pipe.write_all(text.as_bytes())
        && error.kind() != ErrorKind::BrokenPipe
    {
        let _ = running.kill();
        let _ = running.wait();
        return false;
    }
    running.wait().is_ok()
}

/// The program and its arguments; `None` where texts are to be shown as they are.
fn command(wanted: Option<&str>) -> Option<(String, Vec<String>)> {
    let mut words = wanted.unwrap_or("less").split_whitespace().map(str::to_owned);
    let program = words.next().filter(|program| program != "cat")?;
    Some((program, words.collect()))
}

/// From here on Ctrl-C does not end the program: tokio keeps the signal for the rest of the process.
#[cfg(unix)]
fn deaf() -> Option<(Option<tokio::runtime::Runtime>, tokio::signal::unix::Signal)> {
    use tokio::signal::unix::{SignalKind, signal};
    let own = match tokio::runtime::Handle::try_current() {
        Ok(_) => None,
        Err(_) => Some(
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .ok()?,
        ),
    };
    let entered = own.as_ref().map(tokio::runtime::Runtime::enter);
    let signal = signal(SignalKind::interrupt()).ok()?;
    drop(entered);
    Some((own, signal))
}

/// Ctrl-C is left as it is.
#[cfg(not(unix))]
fn deaf() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pager_is_a_program_with_arguments_and_none_is_none() {
        let of = |wanted| command(wanted).map(|(program, args)| (program, args.join(" ")));
        let pager = |program: &str, args: &str| Some((program.to_owned(), args.to_owned()));
        assert_eq!(of(None), pager("less", ""));
        assert_eq!(of(Some("most -w +5")), pager("most", "-w +5"));
        assert_eq!(of(Some("cat")), None);
        assert_eq!(of(Some(" ")), None);
    }
}
