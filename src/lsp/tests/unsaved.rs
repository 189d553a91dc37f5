//! Texts that were never saved, fixes, and what is published.

use super::desk::{Desk, Memory};
use super::{PROJECT, survey};
use serde_json::{Value, json};

#[test]
fn texts_that_were_never_saved_are_part_of_their_project() {
    let soda = survey("soda", "");
    let mut desk = Desk::new(
        &[
            PROJECT,
            ("soda.yaml", &soda),
            ("defaults.yaml", "kind: Defaults\nlocale: en-GB\n"),
        ],
        Memory::default(),
    );
    for name in ["new.yaml", "untitled:Untitled-1", "deep/er/new.yaml"] {
        desk.show(name, &survey("milk", "complets: 5\n"));
        assert_eq!(desk.codes(name), ["infield::shape::unknown-key"], "{name}");
        desk.show(name, &soda);
        let both = [desk.codes(name), desk.codes("soda.yaml")].concat();
        assert_eq!(both, ["infield::manifest::duplicate-name"], "{name}");
        desk.close(name);
        assert_eq!(desk.codes(name), [""; 0], "{name} is gone");
    }
    // Its neighbours can name it.
    desk.show("untitled:Untitled-2", &survey("milk", ""));
    desk.show(
        "group.yaml",
        "kind: SurveyGroup\nname: both\nsurveys: [soda, milk]\n",
    );
    assert_eq!(desk.codes("group.yaml"), [""; 0]);
    assert_eq!(desk.codes("untitled:Untitled-2"), [""; 0]);
}

#[test]
fn a_text_without_a_project_is_looked_at_alone() {
    let mut desk = Desk::new(&[], Memory::default());
    desk.show("untitled:Untitled-1", &survey("milk", "complets: 5\n"));
    assert_eq!(desk.codes("untitled:Untitled-1"), ["infield::shape::unknown-key"]);
    desk.show("untitled:Untitled-2", "on: push\n");
    desk.show("new.yaml", "kind: Survey\nname: a\n");
    assert_eq!(desk.codes("new.yaml"), ["infield::survey::no-vendor"]);
    let uri = desk.uri("untitled:Untitled-2");
    assert!(desk.published.iter().all(|told| told["uri"] != uri.as_str()));
}

#[test]
fn only_what_changed_is_published() {
    let files: Vec<(String, String)> = (0..3)
        .map(|at| (format!("s{at}.yaml"), survey(&format!("s{at}"), "complets: 5\n")))
        .collect();
    let mut all: Vec<(&str, &str)> = vec![PROJECT];
    all.extend(files.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    let mut desk = Desk::new(&all, Memory::default());
    desk.show("s0.yaml", &files[0].1);
    assert_eq!(desk.codes("s1.yaml").len(), 1);
    assert_eq!(desk.published.len(), 3);
    desk.published.clear();
    desk.show("s0.yaml", &survey("s0", ""));
    assert_eq!(desk.codes("s0.yaml"), [""; 0]);
    assert_eq!(desk.published.len(), 1, "{:?}", desk.published);
    desk.published.clear();
    // Nothing changed on disk.
    desk.tell("workspace/didChangeWatchedFiles", json!({"changes": []}));
    desk.ask("workspace/symbol", json!({"query": ""}));
    assert_eq!(desk.published, Vec::<Value>::new());
}

#[test]
fn help_with_a_value_to_write_is_a_fix() {
    let mut desk = Desk::new(&[PROJECT], Memory::default());
    let mut fixes = |text: &str| -> Vec<String> {
        let at = desk.show("a.yaml", text);
        let range = json!({"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}});
        let params =
            json!({"textDocument": at["textDocument"], "range": range, "context": {"diagnostics": []}});
        let answer = desk.ask("textDocument/codeAction", params);
        let list = answer.as_array().unwrap().iter();
        list.map(|one| one["title"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        fixes("name: a\npurespectrum: {category: 232}\n"),
        ["Write `kind: Survey`"]
    );
    let quota = survey("a", "quotas:\n  - {name: men, where: {gender: male}}\n");
    assert_eq!(fixes(&quota), ["Write `completes: 200`"]);
    let status = survey("a", "").replace("status: live", "status: open");
    let words = ["draft", "live", "paused", "closed"].map(|word| format!("Replace with `{word}`"));
    assert_eq!(fixes(&status), words);
    let no_link = survey("a", "").replace("live_url: https://survey.example.com/a\n", "");
    assert_eq!(fixes(&no_link), ["Write `status: draft`"]);
}
