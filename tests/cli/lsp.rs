//! `infield lsp` as an editor meets it: a process, and messages over its pipes.
//!
//! `tests/servers/editors.rs` does the same with a client library of another maker.

use crate::support::{Project, isolated, survey};
use lsp_server::{Message, Notification, Request, RequestId};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

/// An editor with one window.
pub(crate) struct Editor<'a> {
    project: &'a Project,
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    next: i32,
    version: i32,
    /// Publications that came while something else was waited for.
    published: Vec<Value>,
}

impl<'a> Editor<'a> {
    pub(crate) fn start(project: &'a Project) -> Self {
        let mut child = project
            .command(&["lsp"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut editor = Self {
            project,
            stdin: child.stdin.take(),
            stdout: BufReader::new(child.stdout.take().unwrap()),
            child,
            next: 0,
            version: 0,
            published: Vec::new(),
        };
        let answer = editor.ask("initialize", json!({"capabilities": {}}));
        assert_eq!(answer["serverInfo"]["name"], "infield");
        editor.tell("initialized", json!({}));
        editor
    }

    fn send(&mut self, message: &Message) {
        message.write(self.stdin.as_mut().unwrap()).unwrap();
    }

    pub(crate) fn tell(&mut self, method: &str, params: Value) {
        self.send(&Notification::new(method.to_owned(), params).into());
    }

    fn receive(&mut self) -> Message {
        Message::read(&mut self.stdout)
            .unwrap()
            .expect("the server is still there")
    }

    /// Sends a request and gives its result.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Value {
        let (result, error) = self.ask_in_vain(method, params);
        assert_eq!(error, Value::Null, "{method}");
        result
    }

    fn ask_in_vain(&mut self, method: &str, params: Value) -> (Value, Value) {
        self.next += 1;
        let id = RequestId::from(self.next);
        self.send(&Request::new(id.clone(), method.to_owned(), params).into());
        loop {
            match self.receive() {
                Message::Response(response) if response.id == id => {
                    let response = serde_json::to_value(response).unwrap();
                    return (response["result"].clone(), response["error"].clone());
                }
                Message::Notification(notification) => self.published.push(notification.params),
                other => panic!("not asked for: {other:?}"),
            }
        }
    }

    pub(crate) fn uri(&self, name: &str) -> String {
        let path = self.project.folder().canonicalize().unwrap().join(name);
        url::Url::from_file_path(path).unwrap().to_string()
    }

    pub(crate) fn open(&mut self, name: &str) {
        let text = self.project.read(name);
        self.version += 1;
        let document =
            json!({"uri": self.uri(name), "languageId": "yaml", "version": self.version, "text": text});
        self.tell("textDocument/didOpen", json!({"textDocument": document}));
    }

    /// Types a text over the whole of a file.
    pub(crate) fn edit(&mut self, name: &str, text: &str) {
        self.version += 1;
        let document = json!({"uri": self.uri(name), "version": self.version});
        self.tell(
            "textDocument/didChange",
            json!({"textDocument": document, "contentChanges": [{"text": text}]}),
        );
    }

    /// What is published for a file next, as `line:column-column code: message`.
    pub(crate) fn problems(&mut self, name: &str) -> Vec<String> {
        let uri = self.uri(name);
        loop {
            if let Some(at) = self
                .published
                .iter()
                .position(|published| published["uri"] == uri)
            {
                let published = self.published.remove(at);
                let list = published["diagnostics"].as_array().unwrap();
                return list.iter().map(described).collect();
            }
            match self.receive() {
                Message::Notification(notification) => self.published.push(notification.params),
                other => panic!("not asked for: {other:?}"),
            }
        }
    }

    /// The parameters of a request about the first place of a text in a file, `into` characters inside of it.
    pub(crate) fn at(&self, name: &str, text: &str, what: &str, into: usize) -> Value {
        let before = &text[..text.find(what).unwrap_or_else(|| panic!("no {what} in\n{text}")) + into];
        let line = before.matches('\n').count();
        let column = before.rsplit('\n').next().unwrap().encode_utf16().count();
        json!({"textDocument": {"uri": self.uri(name)}, "position": {"line": line, "character": column}})
    }

    pub(crate) fn hover(&mut self, name: &str, text: &str, what: &str) -> String {
        let at = self.at(name, text, what, 1);
        let answer = self.ask("textDocument/hover", at);
        answer["contents"]["value"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    fn offered(&mut self, name: &str, text: &str, behind: &str) -> Vec<String> {
        let at = self.at(name, text, behind, behind.len());
        let answer = self.ask("textDocument/completion", at);
        let items = answer.as_array().unwrap();
        items
            .iter()
            .map(|item| item["label"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Titles and replacements of the fixes on a line.
    pub(crate) fn fixes(&mut self, name: &str, line: usize) -> Vec<(String, Value)> {
        let uri = self.uri(name);
        let range = json!({"start": {"line": line, "character": 0}, "end": {"line": line, "character": 200}});
        let params = json!({"textDocument": {"uri": uri}, "range": range, "context": {"diagnostics": []}});
        let answer = self.ask("textDocument/codeAction", params);
        let list = answer.as_array().unwrap().iter();
        list.map(|action| {
            (
                action["title"].as_str().unwrap().to_owned(),
                action["edit"]["changes"][&uri][0].clone(),
            )
        })
        .collect()
    }

    /// What is shown behind values.
    fn hints(&mut self, name: &str) -> Vec<String> {
        let range = json!({"start": {"line": 0, "character": 0}, "end": {"line": 200, "character": 0}});
        let params = json!({"textDocument": {"uri": self.uri(name)}, "range": range});
        let answer = self.ask("textDocument/inlayHint", params);
        let hints = answer.as_array().unwrap().iter();
        hints
            .map(|hint| hint["label"].as_str().unwrap().to_owned())
            .collect()
    }

    /// What is shown over lines.
    fn lenses(&mut self, name: &str) -> Vec<String> {
        let params = json!({"textDocument": {"uri": self.uri(name)}});
        let answer = self.ask("textDocument/codeLens", params);
        let lenses = answer.as_array().unwrap().iter();
        lenses
            .map(|lens| lens["command"]["title"].as_str().unwrap().to_owned())
            .collect()
    }

    /// A text with the edits of an answer.
    fn after(&self, answer: &Value, name: &str, before: &str) -> String {
        let mut lines: Vec<String> = before.split('\n').map(str::to_owned).collect();
        let mut edits = answer["changes"][self.uri(name)]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let place = |edit: &Value, end: &str| {
            let place = &edit["range"][end];
            (
                place["line"].as_u64().unwrap() as usize,
                place["character"].as_u64().unwrap() as usize,
            )
        };
        edits.sort_by_key(|edit| std::cmp::Reverse(place(edit, "start")));
        for edit in edits {
            let ((line, from), (_, to)) = (place(&edit, "start"), place(&edit, "end"));
            lines[line].replace_range(from..to, edit["newText"].as_str().unwrap());
        }
        lines.join("\n")
    }

    /// The lines that are others after the edits of an answer.
    fn changed_lines(&self, answer: &Value, name: &str, before: &str) -> Vec<String> {
        let known: Vec<&str> = before.lines().collect();
        let after = self.after(answer, name, before);
        let new = after.lines().filter(|line| !known.contains(line));
        new.map(|line| format!("`{line}`")).collect()
    }

    /// Ends it as an editor does.
    pub(crate) fn stop(mut self) {
        self.ask("shutdown", Value::Null);
        self.tell("exit", Value::Null);
        drop(self.stdin.take());
        let output = self.child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        assert_eq!(said, "", "nothing but the protocol is said");
    }
}

fn described(diagnostic: &Value) -> String {
    let (start, end) = (&diagnostic["range"]["start"], &diagnostic["range"]["end"]);
    format!(
        "{}:{}-{} {}: {}",
        start["line"].as_u64().unwrap() + 1,
        start["character"],
        end["character"],
        diagnostic["code"].as_str().unwrap(),
        diagnostic["message"].as_str().unwrap().lines().next().unwrap()
    )
}

const PROJECT: &str = "kind: Project\nname: acme\n";

#[test]
fn problems_come_and_go_while_one_types() {
    let project = Project::empty();
    project.write("infield.yaml", PROJECT);
    let good = survey(
        "soda",
        "quotas:\n  - {name: men, completes: 50, where: {gender: male}}\n  - {name: women, completes: 50, where: {gender: female}}\n",
    );
    project.write("soda.yaml", &good);
    let mut editor = Editor::start(&project);
    editor.open("soda.yaml");
    assert_eq!(editor.problems("soda.yaml"), Vec::<String>::new());
    editor.edit("soda.yaml", &good.replace("{gender: male}", "{gendr: male}"));
    assert_eq!(
        editor.problems("soda.yaml"),
        [
            "14:39-44 infield::targeting::unknown-question: there is no name `gendr` for a question of PureSpectrum"
        ]
    );
    editor.edit(
        "soda.yaml",
        &good.replace(
            "completes: 50, where: {gender: female",
            "completes: 60, where: {gender: female",
        ),
    );
    assert_eq!(
        editor.problems("soda.yaml"),
        [
            "14:27-29 infield::quota::sum-exceeds-completes: the quotas over gender sum to 110 of 100 completes"
        ]
    );
    editor.edit("soda.yaml", "kind: [");
    assert!(editor.problems("soda.yaml")[0].contains("infield::yaml::syntax"));
    editor.edit("soda.yaml", &good);
    assert_eq!(editor.problems("soda.yaml"), Vec::<String>::new());
    assert_eq!(project.read("soda.yaml"), good, "nothing is ever written");
    editor.stop();
}

#[test]
fn other_files_of_the_project_are_seen_and_follow_what_is_typed() {
    let project = Project::empty();
    project.write("infield.yaml", PROJECT);
    project.write("a.yaml", &survey("soda", ""));
    let group = "kind: SurveyGroup\nname: waves\nsurveys: [soda, milk]\n";
    project.write("groups/waves.yaml", group);
    let mut editor = Editor::start(&project);
    editor.open("a.yaml");
    assert_eq!(
        editor.problems("groups/waves.yaml"),
        ["3:16-20 infield::group::unknown-survey: there is no survey `milk`"]
    );
    // Renamed in a text that is not saved: another file's label moves with it.
    editor.edit("a.yaml", &survey("milk", ""));
    assert_eq!(
        editor.problems("groups/waves.yaml"),
        ["3:10-14 infield::group::unknown-survey: there is no survey `soda`"]
    );
    editor.open("groups/waves.yaml");
    assert_eq!(editor.problems("groups/waves.yaml").len(), 1);
    let at = editor.at("groups/waves.yaml", group, "milk", 2);
    let place = editor.ask("textDocument/definition", at);
    assert_eq!(place["uri"], editor.uri("a.yaml"));
    assert_eq!(place["range"]["start"], json!({"line": 1, "character": 6}));
    assert!(
        editor
            .hover("groups/waves.yaml", group, "milk")
            .contains("**250.00 USD**")
    );
    assert_eq!(editor.offered("groups/waves.yaml", group, "[soda, "), ["milk"]);
    // A file that comes from elsewhere is seen when the editor says so.
    project.write("b.yaml", &survey("soda", ""));
    let changed = json!({"changes": [{"uri": editor.uri("b.yaml"), "type": 1}]});
    editor.tell("workspace/didChangeWatchedFiles", changed);
    assert_eq!(editor.problems("groups/waves.yaml"), Vec::<String>::new());
    editor.stop();
}

#[test]
fn fixes_are_what_the_help_says_and_never_break_the_text() {
    let project = Project::empty();
    project.write("infield.yaml", PROJECT);
    let text = "kind: Survey\nname: soda\nlocale: en_US\ncompletes: 5\ncomplets: 4\nqualifications:\n  gendr: male\n  zip: [07030]\npurespectrum: {template_id: 15}\n";
    project.write("soda.yaml", text);
    let mut editor = Editor::start(&project);
    editor.open("soda.yaml");
    editor.problems("soda.yaml");
    let put = |fixes: &[(String, Value)]| -> Vec<String> {
        fixes
            .iter()
            .map(|(_, edit)| edit["newText"].as_str().unwrap().to_owned())
            .collect()
    };
    let fixes = editor.fixes("soda.yaml", 6);
    assert_eq!(fixes[0].0, "Replace with `gender`");
    assert_eq!(
        fixes[0].1["range"],
        json!({"start": {"line": 6, "character": 2}, "end": {"line": 6, "character": 7}})
    );
    assert_eq!(put(&editor.fixes("soda.yaml", 2)), ["en-US"]);
    assert_eq!(put(&editor.fixes("soda.yaml", 7)), ["\"07030\""]);
    // `completes` is there already: replacing would say it twice.
    assert_eq!(put(&editor.fixes("soda.yaml", 4)), Vec::<String>::new());
    assert_eq!(put(&editor.fixes("soda.yaml", 0)), Vec::<String>::new());
    editor.stop();
}

#[test]
fn names_of_the_project_are_offered_and_told() {
    let project = Project::empty();
    let questions = "kind: Project\nname: acme\nquestions:\n  job_title: {purespectrum: {question: 644, answers: {ceo: 4, cto: 5}}}\n";
    project.write("infield.yaml", questions);
    let text = survey("soda", "qualifications:\n  job_title: [ceo, ctoo]\n");
    project.write("soda.yaml", &text);
    let mut editor = Editor::start(&project);
    editor.open("soda.yaml");
    assert_eq!(
        editor.problems("soda.yaml"),
        ["14:19-23 infield::targeting::unknown-answer: there is no name `ctoo` for an answer of `job_title`"]
    );
    let told = editor.hover("soda.yaml", &text, "job_title");
    assert!(
        told.contains("PureSpectrum question `644`") && told.contains("ceo `4`"),
        "{told}"
    );
    assert!(
        editor
            .hover("soda.yaml", &text, "ceo,")
            .contains("`4` is the code that is sent")
    );
    assert!(
        editor
            .offered("soda.yaml", &text, "qualifications:\n  ")
            .contains(&"job_title".to_owned())
    );
    assert!(
        editor
            .offered("soda.yaml", &text, "job_title: [")
            .contains(&"cto".to_owned())
    );
    // A name that is added counts at once, also for what is open already.
    editor.open("infield.yaml");
    editor.edit("infield.yaml", &questions.replace("cto: 5", "cto: 5, ctoo: 6"));
    assert_eq!(editor.problems("soda.yaml"), Vec::<String>::new());
    editor.stop();
}

#[test]
fn hovers_tell_codes_and_money() {
    let project = Project::example("innovatemr");
    let mut editor = Editor::start(&project);
    let text = project.read("brand-lift.yaml");
    editor.open("brand-lift.yaml");
    let gender = editor.hover("brand-lift.yaml", &text, "gender: [");
    assert!(
        gender.contains("InnovateMR question with the key `GENDER`") && gender.contains("male `Male`"),
        "{gender}"
    );
    let library = editor.hover("brand-lift.yaml", &text, "CORE_ENT");
    assert!(library.contains("looked up in the vendor's library"), "{library}");
    let all = editor.hover("brand-lift.yaml", &text, "brand-lift\n");
    assert!(
        all.contains("2 groups") && all.contains("Together up to **1485.00 USD**"),
        "{all}"
    );
    let one = editor.hover("brand-lift.yaml", &text, "max_cpi: 1.80");
    assert!(
        one.contains("200 completes × 1.80 USD (`max_cpi`) = **360.00 USD**"),
        "{one}"
    );
    let link = editor.hover("brand-lift.yaml", &text, "live_url");
    assert!(link.contains("Where respondents enter"), "{link}");

    project.write("ps.yaml", "kind: Survey\nname: ps\npurespectrum: {template_id: 15}\nqualifications: {gender: [male], \"age\": 18-34, employment: contract}\ncompletes: 7\n");
    let text = project.read("ps.yaml");
    editor.open("ps.yaml");
    let gender = editor.hover("ps.yaml", &text, "gender");
    assert!(
        gender.contains("PureSpectrum question `211`") && gender.contains("female `112`"),
        "{gender}"
    );
    assert!(
        editor
            .hover("ps.yaml", &text, "male")
            .contains("`111` is the code that is sent")
    );
    assert!(
        editor
            .hover("ps.yaml", &text, "18-34")
            .contains("**18-34** years, both ends included")
    );
    assert!(
        editor
            .hover("ps.yaml", &text, "contract")
            .contains("Not in en-US")
    );
    assert!(
        editor
            .hover("ps.yaml", &text, "completes")
            .contains("exposure not known")
    );
    editor.stop();
}

#[test]
fn completion_knows_the_marketplace_and_the_files() {
    let project = Project::empty();
    project.write("infield.yaml", PROJECT);
    project.write("lists/bay.txt", "94105\n");
    project.write("one.yaml", &survey("one", ""));
    let mut editor = Editor::start(&project);
    editor.open("one.yaml");
    let type_it = |editor: &mut Editor<'_>, more: &str, behind: &str| {
        let text = survey("one", more);
        editor.edit("one.yaml", &text);
        editor.offered("one.yaml", &text, behind)
    };
    let all = type_it(&mut editor, "qualifications:\n  ", "qualifications:\n  ");
    assert!(
        all.contains(&"us_state".to_owned()) && !all.contains(&"child_age".to_owned()),
        "{all:?}"
    );
    let quota = type_it(&mut editor, "quotas:\n  - name: a\n    where: {ch", "{ch");
    assert!(quota.contains(&"child_age".to_owned()), "{quota:?}");
    assert_eq!(
        type_it(&mut editor, "qualifications: {gender: [ma", "[ma"),
        ["male", "female", "prefer-not-to-say"]
    );
    assert_eq!(
        type_it(&mut editor, "qualifications: {zip: {file: ", "file: "),
        ["lists/bay.txt"]
    );
    let keys = type_it(&mut editor, "tag", "\ntag");
    assert!(
        keys.contains(&"tags".to_owned()) && !keys.contains(&"title".to_owned()),
        "{keys:?}"
    );
    let innovatemr = "kind: Survey\nname: one\ninnovatemr: {}\nqualifications:\n  ";
    editor.edit("one.yaml", innovatemr);
    assert_eq!(
        editor.offered("one.yaml", innovatemr, "qualifications:\n  "),
        ["age", "gender", "zip"]
    );
    let text = survey("one", "qualifications: {zip: {file: lists/bay.txt}}\n");
    editor.edit("one.yaml", &text);
    let at = editor.at("one.yaml", &text, "lists/bay", 3);
    let place = editor.ask("textDocument/definition", at);
    assert_eq!(place["uri"], editor.uri("lists/bay.txt"));
    editor.stop();
}

#[test]
fn the_template_rule_is_seen_through_the_state() {
    let project = Project::example("quickstart");
    project.apply();
    let mut editor = Editor::start(&project);
    editor.open("from-template.yaml");
    assert_eq!(editor.problems("from-template.yaml"), Vec::<String>::new());
    let text = project
        .read("from-template.yaml")
        .replace("template_id: 15", "template_id: 26");
    editor.edit("from-template.yaml", &text);
    let found = editor.problems("from-template.yaml");
    assert!(
        found[0].contains("infield::template::changed") && found[0].contains("1014"),
        "{found:?}"
    );
    editor.stop();
}

#[test]
fn a_survey_in_field_is_told_and_renamed_as_a_plan_understands_it() {
    let project = Project::empty();
    project.write("infield.yaml", PROJECT);
    project.write("soda.yaml", &survey("soda", ""));
    let group = "kind: SurveyGroup\nname: waves\nsurveys: [soda]\nexclusion_days: 30\n";
    project.write("waves.yaml", group);
    let mut editor = Editor::start(&project);
    editor.open("soda.yaml");
    assert_eq!(editor.lenses("soda.yaml"), ["not made · up to 250.00 USD"]);
    project.apply();
    project.ok(&["status"]);
    let changed = json!({"changes": [{"uri": editor.uri(".infield/sandbox/state.json"), "type": 2}]});
    editor.tell("workspace/didChangeWatchedFiles", changed);
    let told = editor.lenses("soda.yaml").remove(0);
    assert!(
        told.starts_with("in field · 0 of 100 collected, 20") && told.ends_with("up to 250.00 USD"),
        "{told}"
    );
    let text = project.read("soda.yaml");
    let mut at = editor.at("soda.yaml", &text, "soda", 1);
    at["newName"] = json!("cola");
    let answer = editor.ask("textDocument/rename", at);
    project.write("soda.yaml", &editor.after(&answer, "soda.yaml", &text));
    project.write("waves.yaml", &editor.after(&answer, "waves.yaml", group));
    editor.stop();
    project.ok(&["validate"]);
    assert_eq!(
        project.planned_calls(),
        Vec::<Value>::new(),
        "a rename sends nothing"
    );
    project.ok(&["plan"]).says("cola").says("moved");
    project.apply();
    project.expect_settled();
}

#[test]
fn texts_that_are_no_manifests_are_left_alone() {
    let project = Project::empty();
    project.write("ci.yaml", "on: push\njobs: {}\n");
    project.write("alone.yaml", "kind: Survey\nname: alone\n");
    let mut editor = Editor::start(&project);
    editor.open("ci.yaml");
    let at = json!({"textDocument": {"uri": editor.uri("ci.yaml")}, "position": {"line": 0, "character": 1}});
    assert_eq!(editor.ask("textDocument/hover", at.clone()), Value::Null);
    assert_eq!(
        editor.published,
        Vec::<Value>::new(),
        "no project and no manifest"
    );
    editor.open("alone.yaml");
    assert_eq!(
        editor.problems("alone.yaml"),
        ["2:6-11 infield::survey::no-vendor: the survey names no vendor"]
    );
    editor.tell(
        "textDocument/didClose",
        json!({"textDocument": {"uri": editor.uri("alone.yaml")}}),
    );
    assert_eq!(
        editor.problems("alone.yaml"),
        Vec::<String>::new(),
        "closed, and its problems with it"
    );
    // What nobody knows is refused, and nothing else happens.
    let (_, error) = editor.ask_in_vain("textDocument/moniker", json!({}));
    assert_eq!(error["code"], -32601);
    let (_, error) = editor.ask_in_vain("textDocument/hover", json!({"textDocument": 5}));
    assert_eq!(error["code"], -32602);
    editor.tell("textDocument/didOpen", json!({"no": "sense"}));
    editor.tell("$/setTrace", json!({"value": "off"}));
    let nowhere =
        json!({"uri": "untitled:Untitled-1", "languageId": "yaml", "version": 1, "text": "kind: Survey\n"});
    editor.tell("textDocument/didOpen", json!({"textDocument": nowhere}));
    assert_eq!(editor.ask("textDocument/hover", at), Value::Null);
    editor.stop();
}

#[test]
fn formatting_is_that_of_fmt() {
    let project = Project::empty();
    project.write("infield.yaml", PROJECT);
    project.write(
        "a.yaml",
        "name: a # ü\nkind: Survey\npurespectrum: { template_id : 15 }\n",
    );
    let mut editor = Editor::start(&project);
    editor.open("a.yaml");
    let params = json!({"textDocument": {"uri": editor.uri("a.yaml")}, "options": {"tabSize": 2, "insertSpaces": true}});
    let edits = editor.ask("textDocument/formatting", params.clone());
    assert_eq!(
        edits[0]["newText"],
        "kind: Survey\nname: a # ü\npurespectrum: {template_id: 15}\n"
    );
    assert_eq!(edits[0]["range"]["end"], json!({"line": 3, "character": 0}));
    editor.edit("a.yaml", edits[0]["newText"].as_str().unwrap());
    assert_eq!(editor.ask("textDocument/formatting", params.clone()), json!([]));
    editor.edit("a.yaml", "kind: [");
    assert_eq!(editor.ask("textDocument/formatting", params), Value::Null);
    editor.stop();
}

#[test]
fn an_editor_that_vanishes_is_an_error_and_a_wrong_start_too() {
    let project = Project::empty();
    let mut editor = Editor::start(&project);
    drop(editor.stdin.take());
    let output = editor.child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("went away without a shutdown"));
    project.run(&["lsp"]).code(1).says("error: the editor went away");
    let help = isolated(&crate::support::INFIELD, &project.folder(), &project.folder())
        .args(["lsp", "--help"])
        .output()
        .unwrap();
    assert!(String::from_utf8(help.stdout).unwrap().contains("Neovim"));
}

/// A session for the README: what is typed, and what the editor shows.
pub(crate) fn transcript() -> String {
    let project = Project::empty();
    project.write("infield.yaml", PROJECT);
    project.write("lists/bay-area.txt", "94105\n");
    let text = survey(
        "soda",
        "qualifications:\n  gendr: [male, female]\n  age: 18-64\nquotas:\n  - {name: men, completes: 60, where: {gender: male}}\n  - {name: women, completes: 60, where: {gender: female}}\n",
    );
    project.write("soda.yaml", &text);
    let mut out = String::new();
    let mut editor = Editor::start(&project);
    let show = |out: &mut String, problems: Vec<String>| {
        for problem in &problems {
            let _ = writeln!(out, "   problem   {problem}");
        }
        if problems.is_empty() {
            out.push_str("   no problems\n");
        }
    };
    out.push_str("-- open soda.yaml\n");
    editor.open("soda.yaml");
    show(&mut out, editor.problems("soda.yaml"));
    let line = text.lines().position(|line| line.contains("gendr")).unwrap();
    let (title, edit) = editor.fixes("soda.yaml", line).remove(0);
    let _ = writeln!(out, "   quick fix {title}");
    let _ = writeln!(out, "-- take it");
    let text = text.replacen("gendr", edit["newText"].as_str().unwrap(), 1);
    editor.edit("soda.yaml", &text);
    show(&mut out, editor.problems("soda.yaml"));
    let _ = writeln!(out, "-- write 40 women instead of 60");
    let text = text.replace("women, completes: 60", "women, completes: 40");
    editor.edit("soda.yaml", &text);
    show(&mut out, editor.problems("soda.yaml"));
    let _ = writeln!(out, "-- write `51%` for them, and type `wi` below");
    let shares = text.replace("women, completes: 40", "women, completes: 51%");
    editor.edit("soda.yaml", &shares);
    let _ = writeln!(out, "   behind it {}", editor.hints("soda.yaml").join(", "));
    let more = format!("{shares}wi");
    editor.edit("soda.yaml", &more);
    let mut offered = editor.offered("soda.yaml", &more, "\nwi");
    // An editor shows what begins with what is typed.
    offered.retain(|label| label.starts_with("wi"));
    let _ = writeln!(out, "   offered   {}", offered.join(", "));
    editor.edit("soda.yaml", &text);
    for (what, over) in [
        ("gender: [", "gender"),
        ("name: soda", "name"),
        ("field_days", "field_days"),
    ] {
        let _ = writeln!(out, "-- hover over `{over}`");
        for line in editor
            .hover("soda.yaml", &text, what)
            .lines()
            .filter(|line| !line.is_empty())
        {
            let _ = writeln!(out, "   {line}");
        }
    }
    let _ = writeln!(out, "-- type `zip: {{file: ` below `qualifications`");
    let text = text.replace("  age: 18-64\n", "  age: 18-64\n  zip: {file: ");
    editor.edit("soda.yaml", &text);
    let offered = editor.offered("soda.yaml", &text, "{file: ");
    let _ = writeln!(out, "   offered   {}", offered.join(", "));
    let _ = writeln!(out, "-- rename `soda` to `cola`");
    editor.edit("soda.yaml", &shares);
    let mut at = editor.at("soda.yaml", &shares, "name: soda", 7);
    at["newName"] = json!("cola");
    let answer = editor.ask("textDocument/rename", at);
    let changed = editor.changed_lines(&answer, "soda.yaml", &shares);
    let _ = writeln!(out, "   changed   {}", changed.join(", "));
    editor.stop();
    format!("```text\n{out}```\n")
}

#[test]
fn a_length_that_no_message_has_ends_nothing() {
    let project = Project::empty();
    let mut child = project
        .command(&["lsp"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    write!(stdin, "Content-Length: {}\r\n\r\n{{", u64::MAX).unwrap();
    drop(stdin);
    let run = project.finish(&["lsp"], &child.wait_with_output().unwrap());
    run.code(1).never_says("panicked");
}
