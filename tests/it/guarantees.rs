//! Every sentence of the book's guarantees names a test that exists.

use std::fs;
use std::path::Path;

#[test]
fn every_guarantee_names_a_test_that_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let section = fs::read_to_string(root.join("docs/guarantees.md")).expect("the page");
    let mut guarantees = 0;
    for item in section.split("\n- ").skip(1) {
        guarantees += 1;
        let named: Vec<(&str, &str)> = item
            .split('`')
            .filter_map(|code| code.split_once(".rs: "))
            .collect();
        assert!(!named.is_empty(), "no test is named in: {item}");
        for (file, test) in named {
            let text = fs::read_to_string(root.join(format!("{file}.rs")))
                .unwrap_or_else(|error| panic!("{file}.rs: {error}"));
            assert!(
                text.contains(&format!("fn {test}(")),
                "{file}.rs has no test {test}"
            );
        }
    }
    assert!(guarantees >= 10, "only {guarantees} guarantees were found");
}
