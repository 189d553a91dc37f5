//! What is only true against somebody else's program: shared state at an S3 emulator (moto) and at Azure Blob (Azurite),
//! the schemas in a real YAML server, `infield lsp` under a real client library. No such program is `gcs`, which stands in for Google's.
//!
//! `.ci/install-test-servers` installs them. A test whose server is not there is ignored, and counted as such in the
//! closing line; one whose server is named in `INFIELD_REQUIRE_SERVERS` fails instead. What is there can only be known
//! when the tests run, so they have a harness of their own.

#![allow(clippy::unwrap_used, reason = "a test's unwrap is its assertion")]

mod editors;
#[expect(
    dead_code,
    reason = "tests/cli, which drives the program against it, asks more of it"
)]
mod gcs;
mod remote_state;

use libtest_mimic::{Arguments, Trial};
use std::path::PathBuf;
use std::process::ExitCode;

/// Names of servers that have to be there, with spaces between them.
const REQUIRED: &str = "INFIELD_REQUIRE_SERVERS";

fn main() -> ExitCode {
    let trials = remote_state::trials().into_iter().chain(editors::trials());
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

/// A program of somebody else.
struct Server {
    /// What `.ci/install-test-servers` and [`REQUIRED`] call it.
    name: &'static str,
    /// Where it is, below `target/test-servers`.
    path: &'static str,
}

impl Server {
    fn program(&self) -> PathBuf {
        folder().join(self.path)
    }

    /// A test with this server.
    fn test(&'static self, name: &str, test: fn(&Self)) -> Trial {
        let there = self.program().exists();
        let required = std::env::var(REQUIRED).unwrap_or_default();
        let required = required.split_whitespace().any(|server| server == self.name);
        let test = move || {
            assert!(
                there,
                "{} is not at {}; run .ci/install-test-servers",
                self.name,
                self.program().display()
            );
            test(self);
            Ok(())
        };
        Trial::test(name, test).with_ignored_flag(!there && !required)
    }
}

/// A test that needs no server.
fn test(name: &str, test: fn()) -> Trial {
    Trial::test(name, move || {
        test();
        Ok(())
    })
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/test-servers")
}
