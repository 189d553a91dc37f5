//! What is handed out: the images of `examples/ci`, and what is checked of the packages that they are made of.

use std::fs;
use std::path::Path;

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn whatever_is_shipped_comes_with_the_licence_texts_of_what_it_is_made_of() {
    let images = read("examples/ci/Dockerfile");
    assert!(images.contains(".ci/licences /out/licences/"));
    assert!(images.contains("cp LICENSE-* /out/licences"));
    let shipped = images
        .split("\nFROM ")
        .filter(|stage| stage.contains("--from=build /out/bin/infield"));
    let shipped: Vec<&str> = shipped.collect();
    assert_eq!(shipped.len(), 2);
    for stage in shipped {
        assert!(stage.contains("COPY --from=build /out/licences "), "{stage}");
    }
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        assert!(!read(licence).is_empty());
    }
}

#[test]
fn licences_sources_and_texts_are_checked_before_a_merge() {
    let run = read(".ci/run");
    for step in [
        "cargo deny --locked --offline check licenses bans sources",
        ".ci/licences ",
    ] {
        assert!(run.contains(step), "{step}");
    }
    let rules = read("deny.toml");
    for section in ["[licenses]", "[bans]", "[sources]"] {
        assert!(rules.contains(section), "{section}");
    }
}
