//! The server over a connection in memory, an ability at a time.

mod beside;
mod completion;
mod desk;
mod names;
mod unsaved;

use desk::{Desk, Memory};
use proptest::prelude::*;
use serde_json::{Value, json};

const PROJECT: (&str, &str) = ("infield.yaml", "kind: Project\nname: acme\n");

/// A survey with a name, ready to go in field, and more of it.
fn survey(name: &str, more: &str) -> String {
    format!(
        "kind: Survey\nname: {name}\ntitle: About {name}\nlocale: en-US\ncompletes: 400\nincidence_rate: 50\n\
         length_of_interview: 5\nfield_days: 7\ncpi: 2.50 USD\nlive_url: https://survey.example.com/{name}\n\
         status: live\npurespectrum: {{category: 232}}\n{more}"
    )
}

/// Asks everything about a text at a position; the answers are of no matter, but that there are any.
fn ask(text: &str, line: u32, character: u32) {
    let mut desk = Desk::new(&[PROJECT, ("a.yaml", "")], Memory::default());
    desk.show("a.yaml", text);
    let document = json!({"uri": desk.uri("a.yaml")});
    let position = json!({"line": line, "character": character});
    let at = json!({"textDocument": document, "position": position});
    let range = json!({"start": {"line": 0, "character": 0}, "end": position});
    let with = |more: Value| {
        let mut params = at.clone();
        params
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        params
    };
    for (method, params) in [
        ("textDocument/hover", at.clone()),
        ("textDocument/definition", at.clone()),
        ("textDocument/completion", at.clone()),
        ("textDocument/prepareRename", at.clone()),
        (
            "textDocument/references",
            with(json!({"context": {"includeDeclaration": true}})),
        ),
        (
            "textDocument/codeAction",
            json!({"textDocument": document, "range": range, "context": {"diagnostics": []}}),
        ),
        (
            "textDocument/formatting",
            json!({"textDocument": document, "options": {"tabSize": 2, "insertSpaces": true}}),
        ),
        ("textDocument/documentSymbol", json!({"textDocument": document})),
        ("textDocument/foldingRange", json!({"textDocument": document})),
        ("textDocument/documentLink", json!({"textDocument": document})),
        ("textDocument/codeLens", json!({"textDocument": document})),
        (
            "textDocument/semanticTokens/full",
            json!({"textDocument": document}),
        ),
        (
            "textDocument/inlayHint",
            json!({"textDocument": document, "range": range}),
        ),
        ("workspace/symbol", json!({"query": ""})),
    ] {
        desk.ask(method, params);
    }
    // A name may be refused, and that is an answer.
    let _ = desk.ask_in_vain("textDocument/rename", with(json!({"newName": "other"})));
}

#[test]
fn half_typed_manifests_are_answered_everywhere() {
    let whole = "kind: Survey\nname: a\npurespectrum: {template_id: 15}\nqualifications: {gendr: [mael], zip: {file: x.txt}}\nquotas:\n  - name: ü🙂\n    where: {\"211\": male}\n---\nkind: SurveyGroup\nname: b\nsurveys: [a, *b]\n";
    for end in (0..whole.len())
        .filter(|end| whole.is_char_boundary(*end))
        .step_by(7)
    {
        let text = &whole[..end];
        let line = text.matches('\n').count();
        let column = text.rsplit('\n').next().unwrap().encode_utf16().count();
        ask(text, u32::try_from(line).unwrap(), u32::try_from(column).unwrap());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_text_and_any_position_are_answered(
        text in "(kind: Survey\n|name: |qualifications:|  |\\{|\\[|\\]|\\}|: |, |- |\n|gender|male|age|18-34|\"|#|&a|\\*a|é|🙂|---\n|surveys: \\[|file|49%|groups:){0,30}",
        line in 0..12_u32,
        character in 0..40_u32,
    ) {
        ask(&text, line, character);
    }
}
