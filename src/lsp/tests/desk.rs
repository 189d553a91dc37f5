//! An editor in the same process, with a folder of files and everything that is remembered beside them.

use super::super::{Counted, LspError, Remembered, serve, text};
use crate::manifest::{Beside, Beyond, Project, Template};
use crate::marketplace::shelf::lists::List;
use crate::model::{Address, Known, VendorId};
use lsp_server::{Connection, Message, Notification, Request};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

/// What is remembered.
#[derive(Clone, Default)]
pub(super) struct Memory {
    pub(super) known: Option<Arc<Known>>,
    pub(super) counted: BTreeMap<Address, Counted>,
    pub(super) lists: Vec<(VendorId, List)>,
}

impl Beyond for Memory {
    fn known(&self, _: &Path, _: Option<&Project>) -> Option<Arc<Known>> {
        self.known.clone()
    }

    fn problems(&self, _: &Known, _: &[(Address, Template)]) -> Vec<Beside> {
        Vec::new()
    }
}

impl Remembered for Memory {
    fn counted(&self, _: &Path, _: Option<&Project>) -> BTreeMap<Address, Counted> {
        self.counted.clone()
    }

    fn lists(&self, _: &Path, _: Option<&Project>) -> Vec<(VendorId, List)> {
        self.lists.clone()
    }
}

/// An editor.
pub(super) struct Desk {
    folder: tempfile::TempDir,
    client: Connection,
    served: Option<JoinHandle<Result<(), LspError>>>,
    next: i32,
    version: i32,
    pub(super) published: Vec<Value>,
}

/// A text without its `‸`, and where that stood.
pub(super) fn cursor(marked: &str) -> (String, Value) {
    let at = marked.find('‸').unwrap_or(marked.len());
    let before = &marked[..at];
    let line = before.matches('\n').count();
    let column = before.rsplit('\n').next().unwrap().encode_utf16().count();
    (
        marked.replace('‸', ""),
        json!({"line": line, "character": column}),
    )
}

impl Desk {
    /// An editor that can do everything, over a project with these files.
    pub(super) fn new(files: &[(&str, &str)], memory: Memory) -> Self {
        let item = json!({"snippetSupport": true, "insertTextModeSupport": {"valueSet": [1, 2]}});
        let capabilities = json!({"textDocument": {"completion": {"completionItem": item}}});
        Self::with(files, memory, &capabilities)
    }

    pub(super) fn with(files: &[(&str, &str)], memory: Memory, capabilities: &Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let (server, client) = Connection::memory();
        let served = std::thread::spawn(move || serve(&server, &memory));
        let mut desk = Self {
            folder,
            client,
            served: Some(served),
            next: 0,
            version: 0,
            published: Vec::new(),
        };
        let root = text::uri(&desk.root()).unwrap();
        desk.ask(
            "initialize",
            json!({"rootUri": root, "capabilities": capabilities}),
        );
        desk.tell("initialized", json!({}));
        desk
    }

    pub(super) fn root(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    /// How the editor calls a file, or a text without one.
    pub(super) fn uri(&self, name: &str) -> String {
        match name.starts_with("untitled:") {
            true => name.to_owned(),
            false => text::uri(&self.root().join(name)).unwrap().as_str().to_owned(),
        }
    }

    pub(super) fn tell(&self, method: &str, params: Value) {
        let message = Notification::new(method.to_owned(), params);
        self.client.sender.send(message.into()).unwrap();
    }

    /// Asks, and gives the answer.
    pub(super) fn ask(&mut self, method: &str, params: Value) -> Value {
        match self.ask_in_vain(method, params) {
            Ok(answer) => answer,
            Err(error) => panic!("{method}: {error}"),
        }
    }

    pub(super) fn ask_in_vain(&mut self, method: &str, params: Value) -> Result<Value, String> {
        self.next += 1;
        let request = Request::new(self.next.into(), method.to_owned(), params);
        self.client.sender.send(request.into()).unwrap();
        loop {
            match self.client.receiver.recv().unwrap() {
                Message::Response(response) => {
                    let answer = serde_json::to_value(&response).unwrap();
                    return match answer.get("error") {
                        Some(error) => Err(error["message"].as_str().unwrap().to_owned()),
                        None => Ok(answer["result"].clone()),
                    };
                }
                Message::Notification(told) => self.published.push(told.params),
                Message::Request(asked) => panic!("{asked:?}"),
            }
        }
    }

    /// Shows a text under a name; `‸` marks the cursor. Gives the place of the cursor.
    pub(super) fn show(&mut self, name: &str, marked: &str) -> Value {
        let (text, position) = cursor(marked);
        self.version += 1;
        let uri = self.uri(name);
        let document = json!({"uri": uri, "languageId": "yaml", "version": self.version, "text": text});
        self.tell("textDocument/didOpen", json!({"textDocument": document}));
        json!({"textDocument": {"uri": uri}, "position": position})
    }

    pub(super) fn close(&mut self, name: &str) {
        let uri = self.uri(name);
        self.tell("textDocument/didClose", json!({"textDocument": {"uri": uri}}));
    }

    /// What is offered at a cursor: labels with what is typed.
    pub(super) fn offers(&mut self, name: &str, marked: &str) -> Vec<(String, String)> {
        let at = self.show(name, marked);
        let answer = self.ask("textDocument/completion", at);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let items = answer.as_array().cloned().unwrap_or_default();
        let pair = |item: &Value| (text(&item["label"]), text(&item["textEdit"]["newText"]));
        items.iter().map(pair).collect()
    }

    pub(super) fn labels(&mut self, name: &str, marked: &str) -> Vec<String> {
        self.offers(name, marked)
            .into_iter()
            .map(|(label, _)| label)
            .collect()
    }

    /// What was published last of a file, after everything that was told so far: its codes.
    pub(super) fn codes(&mut self, name: &str) -> Vec<String> {
        let uri = self.uri(name);
        let document = json!({"textDocument": {"uri": uri}});
        self.ask("textDocument/foldingRange", document);
        let last = self
            .published
            .iter()
            .rev()
            .find(|told| told["uri"] == uri.as_str());
        let list = last.and_then(|told| told["diagnostics"].as_array().cloned());
        let code = |one: &Value| one["code"].as_str().unwrap().to_owned();
        list.unwrap_or_else(|| panic!("nothing was published of {name}"))
            .iter()
            .map(code)
            .collect()
    }

    /// A file with the edits of an answer.
    pub(super) fn edited(&self, answer: &Value, name: &str) -> String {
        let before = std::fs::read_to_string(self.root().join(name)).unwrap();
        let text = text::Text::new(&before);
        let edits = answer["changes"][self.uri(name)]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let place = |value: &Value| text.offset(serde_json::from_value(value.clone()).unwrap());
        let mut edits: Vec<(usize, usize, String)> = edits
            .iter()
            .map(|edit| {
                let put = edit["newText"].as_str().unwrap().to_owned();
                (place(&edit["range"]["start"]), place(&edit["range"]["end"]), put)
            })
            .collect();
        edits.sort();
        let mut after = before;
        for (start, end, put) in edits.into_iter().rev() {
            after.replace_range(start..end, &put);
        }
        after
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        self.ask("shutdown", Value::Null);
        self.tell("exit", Value::Null);
        let served = self.served.take().unwrap();
        served.join().unwrap().unwrap();
    }
}
