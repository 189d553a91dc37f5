//! A language server: what `validate` says while one types, quick fixes, hovers, definitions, completion, formatting.
//!
//! Promises: problems are those of [`crate::manifest`], found by the same code over the texts as they are on the screen;
//! it reads the project's files and nothing else, and writes nothing: every change is the editor's to make. One thread
//! answers one message after the other; changes that arrive together are looked at once. What the JSON Schemas can say
//! is left to a YAML server beside it.

mod complete;
mod define;
mod hover;
mod place;
mod problems;
mod project;
mod text;
mod wire;

pub use wire::{Threads, stdio};

use crate::manifest::Beyond;
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::notification::Notification as _;
use lsp_types::request::Request as _;
use lsp_types::{
    CodeActionKind, CodeActionOptions, CodeActionProviderCapability, CompletionOptions,
    HoverProviderCapability, InitializeResult, OneOf, ServerCapabilities, ServerInfo,
    TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions, notification, request,
};
use project::Projects;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Why the conversation ended early.
#[derive(Debug, thiserror::Error)]
pub enum LspError {
    /// The editor broke the protocol.
    #[error("the editor broke the protocol: {0}")]
    Protocol(lsp_server::ProtocolError),
    /// Something could not be put into JSON.
    #[error("a message cannot be written: {0}")]
    Json(#[from] serde_json::Error),
    /// The editor is gone without a word, or sent what is no message.
    #[error("the editor went away without a shutdown, or sent what is no message")]
    Gone,
}

impl From<lsp_server::ProtocolError> for LspError {
    fn from(error: lsp_server::ProtocolError) -> Self {
        if error.channel_is_disconnected() {
            Self::Gone
        } else {
            Self::Protocol(error)
        }
    }
}

/// Talks to an editor until it ends the conversation.
///
/// # Errors
/// When the editor breaks the protocol.
pub fn serve(connection: &Connection, beyond: &dyn Beyond) -> Result<(), LspError> {
    let (id, _) = connection.initialize_start()?;
    let answer = InitializeResult {
        capabilities: capabilities(),
        server_info: Some(ServerInfo {
            name: "infield".to_owned(),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        }),
    };
    connection.initialize_finish(id, serde_json::to_value(answer)?)?;
    let mut server = Server {
        connection,
        projects: Projects::default(),
        beyond,
        stale: false,
    };
    while let Some(message) = server.next()? {
        match message {
            Message::Request(request) => {
                if connection.handle_shutdown(&request)? {
                    return Ok(());
                }
                server.refresh()?;
                let response = server.answer(request);
                server.send(response.into())?;
            }
            Message::Notification(notification) => {
                if notification.method == notification::Exit::METHOD {
                    return Err(LspError::Gone);
                }
                server.hear(notification);
            }
            // Nothing is asked of the editor.
            Message::Response(_) => {}
        }
    }
    Err(LspError::Gone)
}

fn capabilities() -> ServerCapabilities {
    let triggers = [" ", ":", "[", "{", ",", "-", "/", "\""];
    ServerCapabilities {
        text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::FULL),
            save: Some(lsp_types::TextDocumentSyncSaveOptions::Supported(true)),
            ..TextDocumentSyncOptions::default()
        })),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        definition_provider: Some(OneOf::Left(true)),
        document_formatting_provider: Some(OneOf::Left(true)),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some(triggers.map(str::to_owned).to_vec()),
            ..CompletionOptions::default()
        }),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QUICKFIX]),
            ..CodeActionOptions::default()
        })),
        ..ServerCapabilities::default()
    }
}

struct Server<'a> {
    connection: &'a Connection,
    projects: Projects,
    beyond: &'a dyn Beyond,
    /// Whether something changed since the problems were published.
    stale: bool,
}

impl Server<'_> {
    /// The next message; before waiting for one, problems are brought up to date.
    fn next(&mut self) -> Result<Option<Message>, LspError> {
        if self.stale {
            if let Ok(message) = self.connection.receiver.try_recv() {
                return Ok(Some(message));
            }
            self.refresh()?;
        }
        Ok(self.connection.receiver.recv().ok())
    }

    fn send(&self, message: Message) -> Result<(), LspError> {
        self.connection.sender.send(message).map_err(|_| LspError::Gone)
    }

    fn refresh(&mut self) -> Result<(), LspError> {
        if std::mem::take(&mut self.stale) {
            for params in self.projects.refresh(self.beyond) {
                let method = notification::PublishDiagnostics::METHOD.to_owned();
                self.send(Notification::new(method, params).into())?;
            }
        }
        Ok(())
    }

    fn hear(&mut self, notification: Notification) {
        // What cannot be read changes nothing.
        self.stale |= self.take(notification).is_some();
    }

    fn take(&mut self, notification: Notification) -> Option<()> {
        let Notification { method, params } = notification;
        let projects = &mut self.projects;
        match method.as_str() {
            notification::DidOpenTextDocument::METHOD => {
                let document = read::<notification::DidOpenTextDocument>(params)?.text_document;
                projects.open(&document.uri, &document.text, document.version);
            }
            notification::DidChangeTextDocument::METHOD => {
                let params = read::<notification::DidChangeTextDocument>(params)?;
                let (document, last) = (params.text_document, params.content_changes.last()?);
                projects.change(&document.uri, &last.text, document.version);
            }
            notification::DidCloseTextDocument::METHOD => {
                let params = read::<notification::DidCloseTextDocument>(params)?;
                projects.close(&params.text_document.uri);
            }
            notification::DidSaveTextDocument::METHOD
            | notification::DidChangeWatchedFiles::METHOD
            | notification::DidChangeConfiguration::METHOD => projects.look_again(),
            _ => return None,
        }
        Some(())
    }

    fn answer(&self, request: Request) -> Response {
        let Request { id, method, params } = request;
        match method.as_str() {
            request::HoverRequest::METHOD => reply::<request::HoverRequest>(id, params, |params| {
                let at = params.text_document_position_params;
                hover::at(&self.projects, &at.text_document.uri, at.position)
            }),
            request::GotoDefinition::METHOD => reply::<request::GotoDefinition>(id, params, |params| {
                let at = params.text_document_position_params;
                define::at(&self.projects, &at.text_document.uri, at.position)
            }),
            request::Completion::METHOD => reply::<request::Completion>(id, params, |params| {
                let at = params.text_document_position;
                complete::at(&self.projects, &at.text_document.uri, at.position)
            }),
            request::CodeActionRequest::METHOD => reply::<request::CodeActionRequest>(id, params, |params| {
                problems::fixes(&self.projects, &params.text_document.uri, params.range)
            }),
            request::Formatting::METHOD => reply::<request::Formatting>(id, params, |params| {
                self.projects.formatted(&params.text_document.uri)
            }),
            _ => {
                let message = format!("infield does not answer {method}");
                Response::new_err(id, ErrorCode::MethodNotFound as i32, message)
            }
        }
    }
}

fn read<N>(params: serde_json::Value) -> Option<N::Params>
where
    N: notification::Notification,
    N::Params: DeserializeOwned,
{
    serde_json::from_value(params).ok()
}

fn reply<R>(id: RequestId, params: serde_json::Value, answer: impl FnOnce(R::Params) -> R::Result) -> Response
where
    R: request::Request,
    R::Params: DeserializeOwned,
    R::Result: Serialize,
{
    match serde_json::from_value(params) {
        Ok(params) => Response::new_ok(id, answer(params)),
        Err(error) => Response::new_err(id, ErrorCode::InvalidParams as i32, error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{Beside, Project, Template};
    use crate::model::{Address, Known};
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use std::path::Path;
    use std::sync::Arc;

    /// Nothing is remembered.
    struct Nothing;

    impl Beyond for Nothing {
        fn known(&self, _: &Path, _: Option<&Project>) -> Option<Arc<Known>> {
            None
        }

        fn problems(&self, _: &Known, _: &[(Address, Template)]) -> Vec<Beside> {
            Vec::new()
        }
    }

    /// Asks everything about a text at a position; the answers are of no matter, but that there are any.
    fn ask(text: &str, line: u32, character: u32) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("infield.yaml"), "kind: Project\nname: a\n").unwrap();
        let path = dir.path().join("a.yaml");
        std::fs::write(&path, "").unwrap();
        let uri = text::uri(&path.canonicalize().unwrap()).unwrap();
        let (server, client) = Connection::memory();
        let served = std::thread::spawn(move || serve(&server, &Nothing));
        let request = |id: i32, method: &str, params: Value| {
            client
                .sender
                .send(Request::new(id.into(), method.to_owned(), params).into())
                .unwrap();
        };
        let notify = |method: &str, params: Value| {
            client
                .sender
                .send(Notification::new(method.to_owned(), params).into())
                .unwrap();
        };
        request(0, "initialize", json!({"capabilities": {}}));
        notify("initialized", json!({}));
        let document = json!({"uri": uri, "languageId": "yaml", "version": 1, "text": text});
        notify("textDocument/didOpen", json!({"textDocument": document}));
        let position = json!({"line": line, "character": character});
        let at = json!({"textDocument": {"uri": uri}, "position": position});
        request(1, "textDocument/hover", at.clone());
        request(2, "textDocument/definition", at.clone());
        request(3, "textDocument/completion", at);
        let range = json!({"start": {"line": 0, "character": 0}, "end": position});
        let context = json!({"diagnostics": []});
        request(
            4,
            "textDocument/codeAction",
            json!({"textDocument": {"uri": uri}, "range": range, "context": context}),
        );
        let options = json!({"tabSize": 2, "insertSpaces": true});
        request(
            5,
            "textDocument/formatting",
            json!({"textDocument": {"uri": uri}, "options": options}),
        );
        request(6, "shutdown", Value::Null);
        notify("exit", Value::Null);
        let mut answered = 0;
        for message in &client.receiver {
            if let Message::Response(response) = message {
                let answer = serde_json::to_value(&response).unwrap();
                assert!(answer.get("error").is_none(), "{answer} about\n{text}");
                answered += 1;
            }
        }
        assert_eq!(answered, 7);
        served.join().unwrap().unwrap();
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
            text in "(kind: Survey\n|qualifications:|  |\\{|\\[|\\]|\\}|: |, |- |\n|gender|male|age|18-34|\"|#|&a|\\*a|é|🙂|---\n|surveys: \\[|file){0,30}",
            line in 0..12_u32,
            character in 0..40_u32,
        ) {
            ask(&text, line, character);
        }
    }
}
