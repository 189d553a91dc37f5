//! What is said of switches is so: in the README, in a store, and in the emulators themselves.

use infield_sandbox::switch::table;
use infield_sandbox::{
    Config, Emulator, Sandbox, SandboxError, StoreLocation, SwitchError, cint, emulators, innovatemr,
    purespectrum,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn crate_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// `UPDATE_README=1 cargo test --test emulators readme` writes them.
#[test]
fn the_readme_has_the_tables_of_all_switches() {
    let path = crate_folder().join("README.md");
    let found = fs::read_to_string(&path).unwrap();
    let mut wanted = found.clone();
    for vendor in emulators() {
        let key = vendor.key();
        let (open, close) = (format!("<!-- {key} -->\n"), format!("<!-- /{key} -->"));
        let (before, rest) = wanted.split_once(&open).unwrap_or_else(|| panic!("no {open}"));
        let (_, after) = rest.split_once(&close).unwrap_or_else(|| panic!("no {close}"));
        wanted = format!("{before}{open}{}{close}{after}", table(&vendor.switches()));
    }
    if std::env::var_os("UPDATE_README").is_some() {
        fs::write(path, &wanted).unwrap();
        return;
    }
    assert!(
        found == wanted,
        "another table than the switches print; UPDATE_README=1 cargo test --test emulators readme"
    );
}

#[test]
fn names_of_switches_are_unique_and_say_what_they_do() {
    let mut names = BTreeSet::new();
    for switch in emulators().iter().flat_map(|vendor| vendor.switches()) {
        assert!(
            names.insert(switch.name),
            "two switches are called {}",
            switch.name
        );
        assert!(!switch.what.is_empty() && !switch.source.is_empty(), "{switch:?}");
    }
}

/// Rust warns of what nobody uses, but not where it is public.
#[test]
fn every_switch_moves_something() {
    for vendor in emulators() {
        let folder = crate_folder().join("src").join(vendor.key());
        let declared = fs::read_to_string(folder.join("switches.rs")).unwrap();
        let code = code_of(&folder);
        let constants: Vec<&str> = declared
            .lines()
            .filter_map(|line| line.trim().split_once(": ").map(|(name, _)| name))
            .filter(|name| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
            .collect();
        assert_eq!(constants.len(), vendor.switches().len(), "{}", vendor.key());
        for constant in constants {
            // Handed on to what asks for it, as the last argument.
            let read = format!("switches::{constant})");
            assert!(
                code.contains(&read),
                "nothing asks for {constant} of {}",
                vendor.key()
            );
        }
    }
}

fn code_of(folder: &Path) -> String {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect()
}

fn in_folder(folder: &Path, vendors: Vec<Box<dyn Emulator>>) -> Result<Sandbox, SandboxError> {
    let config = Config {
        store: StoreLocation::Directory(folder.to_owned()),
        ..Config::default()
    };
    Sandbox::open(config, vendors)
}

async fn settings(sandbox: &Sandbox) -> Value {
    let request = http::Request::get("/_sandbox/settings").body(bytes::Bytes::new());
    let answer = sandbox.call(request.unwrap()).await.unwrap();
    serde_json::from_slice(answer.body()).unwrap()
}

#[tokio::test]
async fn every_kind_of_switch_outlives_the_sandbox() {
    let folder = tempfile::tempdir().unwrap();
    let first = in_folder(folder.path(), emulators()).unwrap();
    first.set(purespectrum::switches::SHUFFLE, false).unwrap();
    first.set(purespectrum::switches::LIST_PAGE_MAX, 7).unwrap();
    first.set(cint::switches::LAUNCH_FAILURE, "Rejected").unwrap();
    drop(first);
    let second = settings(&in_folder(folder.path(), emulators()).unwrap()).await;
    assert_eq!(second["shuffle"], false);
    assert_eq!(second["list_page_max"], 7);
    assert_eq!(second["cint_launch_failure"], "Rejected");
    assert_eq!(second["innovatemr_job_list"], true);
    let all: usize = emulators().iter().map(|vendor| vendor.switches().len()).sum();
    assert_eq!(second.as_object().unwrap().len(), all);
}

#[test]
fn a_store_with_a_switch_that_is_not_there_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let all = in_folder(folder.path(), emulators()).unwrap();
    all.set(cint::switches::GZIP, false).unwrap();
    drop(all);
    let error = in_folder(folder.path(), vec![Box::new(innovatemr::InnovateMr)]).unwrap_err();
    let said = error.to_string();
    assert!(
        said.starts_with(
            "the sandbox store cannot be used: unknown switch \"cint_gzip\"; known are innovatemr_"
        ),
        "{said}"
    );
    assert!(said.ends_with("; empty the directory to go on"), "{said}");
    in_folder(folder.path(), emulators()).unwrap();
}

#[test]
fn a_switch_of_a_vendor_that_is_not_there_cannot_be_moved() {
    let alone: Vec<Box<dyn Emulator>> = vec![Box::new(innovatemr::InnovateMr)];
    let sandbox = Sandbox::open(Config::default(), alone).unwrap();
    let error = sandbox.set(cint::switches::GZIP, false).unwrap_err();
    assert!(matches!(error, SandboxError::Switch(SwitchError::Unknown { .. })));
}

#[tokio::test]
async fn a_name_that_is_not_there_moves_nothing_and_is_told_the_names() {
    let sandbox = Sandbox::open(Config::default(), emulators()).unwrap();
    let before = settings(&sandbox).await;
    let body = json!({"shuffle": false, "innovatemr_job_lists": false}).to_string();
    let request = http::Request::post("/_sandbox/settings").body(body.into());
    let answer = sandbox.call(request.unwrap()).await.unwrap();
    assert_eq!(answer.status(), 400);
    let answer: Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(
        answer["error"],
        "unknown switch \"innovatemr_job_lists\"; known are innovatemr_capital_status_only, \
         innovatemr_echo_max_cpi, innovatemr_http_errors, innovatemr_job_groups, innovatemr_job_list, \
         innovatemr_lower_status_only, innovatemr_put_target_upserts"
    );
    assert_eq!(settings(&sandbox).await, before);
}
