//! The committed corpus of the fuzz targets, replayed with the stable toolchain: each file as it is, cut off at many
//! places, and with single bytes turned. `fuzz/README.md` says how to look for more.

#![allow(clippy::print_stdout, reason = "the output of a failing test names the file")]

use crate::second_reader;
use std::path::Path;

#[path = "../../fuzz/src/lib.rs"]
#[allow(unreachable_pub, reason = "a crate of its own when it is fuzzed")]
mod targets;

/// Bytes and cuts tried per file.
const VARIANTS: usize = 24;

fn replay(name: &str, target: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(name);
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .expect("a corpus")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    assert!(files.len() >= 3, "{} is no corpus", folder.display());
    for file in files {
        let bytes = std::fs::read(&file).expect("a file");
        println!("{}", file.display());
        target(&bytes);
        for variant in 0..VARIANTS {
            let at = variant * bytes.len() / VARIANTS;
            target(&bytes[..at]);
            let mut turned = bytes.clone();
            if let Some(byte) = turned.get_mut(at) {
                *byte ^= 1 << (variant % 8);
            }
            target(&turned);
        }
    }
}

#[test]
fn manifests() {
    replay("manifest", |bytes| {
        targets::manifest(bytes);
        if let Ok(text) = std::str::from_utf8(bytes) {
            second_reader::agrees(text);
        }
    });
}

#[test]
fn states() {
    replay("state", targets::state);
}

#[test]
fn saved_plans() {
    replay("saved_plan", targets::saved_plan);
}

#[test]
fn answers_of_purespectrum() {
    replay("purespectrum", targets::purespectrum);
}

#[test]
fn answers_of_innovatemr() {
    replay("innovatemr", targets::innovatemr);
}

#[test]
fn answers_of_cint() {
    replay("cint", targets::cint);
}

#[test]
fn every_target_has_its_corpus_and_is_built() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let names = |folder: &str| {
        let mut names: Vec<String> = std::fs::read_dir(root.join(folder))
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path())
            .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    };
    let targets = names("fuzz_targets");
    assert_eq!(targets, names("corpus"));
    let manifest = std::fs::read_to_string(root.join("Cargo.toml")).expect("a manifest");
    for target in targets {
        assert!(
            manifest.contains(&format!("path = \"fuzz_targets/{target}.rs\"")),
            "{target}"
        );
    }
}
