//! A language server: what `validate` says while one types, quick fixes, completion, hovers, names and where they are said,
//! renames, formatting, and what is remembered beside the text.
//!
//! Promises: problems are those of [`crate::manifest`], found by the same code over the texts as they are on the screen;
//! it reads the project's files and what is kept beside them on this machine (state, looks, lists), and writes nothing: every
//! change is the editor's to make. One thread answers one message after the other; changes that arrive together are looked at
//! once, and nothing but problems is worked out after a change. No other YAML server is needed beside it.

mod capabilities;
mod client;
mod complete;
mod define;
mod fix;
mod fold;
mod hover;
mod inlay;
mod keys;
mod lens;
mod links;
mod offer;
mod place;
mod problems;
mod project;
mod references;
mod remembered;
mod rename;
mod shape;
mod snippets;
mod symbols;
mod text;
mod tokens;
mod typing;
mod values;
mod wire;

pub use remembered::{Counted, Remembered};
pub use wire::{Threads, stdio};

use client::Client;
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::notification::Notification as _;
use lsp_types::request::Request as _;
use lsp_types::{
    InitializeParams, InitializeResult, SemanticTokensResult, ServerInfo, WorkspaceSymbolResponse,
    notification, request,
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
pub fn serve(connection: &Connection, remembered: &dyn Remembered) -> Result<(), LspError> {
    let (id, params) = connection.initialize_start()?;
    // An editor that says nonsense of itself can do nothing special.
    let params: InitializeParams = serde_json::from_value(params).unwrap_or_default();
    let answer = InitializeResult {
        capabilities: capabilities::all(),
        server_info: Some(ServerInfo {
            name: "infield".to_owned(),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        }),
    };
    connection.initialize_finish(id, serde_json::to_value(answer)?)?;
    let mut server = Server {
        connection,
        projects: Projects::new(client::folder(&params)),
        client: Client::of(&params),
        remembered,
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

struct Server<'a> {
    connection: &'a Connection,
    projects: Projects,
    client: Client,
    remembered: &'a dyn Remembered,
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
            for params in self.projects.refresh(self.remembered) {
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
                complete::at(
                    &self.projects,
                    self.client,
                    self.remembered,
                    &at.text_document.uri,
                    at.position,
                )
            }),
            request::CodeActionRequest::METHOD => reply::<request::CodeActionRequest>(id, params, |params| {
                problems::fixes(&self.projects, &params.text_document.uri, params.range)
            }),
            request::Formatting::METHOD => reply::<request::Formatting>(id, params, |params| {
                self.projects.formatted(&params.text_document.uri)
            }),
            _ => self.answer_about_names(id, &method, params),
        }
    }

    fn answer_about_names(&self, id: RequestId, method: &str, params: serde_json::Value) -> Response {
        let projects = &self.projects;
        match method {
            request::DocumentSymbolRequest::METHOD => {
                reply::<request::DocumentSymbolRequest>(id, params, |params| {
                    symbols::of(projects, &params.text_document.uri)
                })
            }
            request::WorkspaceSymbolRequest::METHOD => {
                reply::<request::WorkspaceSymbolRequest>(id, params, |params| {
                    let found = symbols::everywhere(projects, &params.query);
                    Some(WorkspaceSymbolResponse::Flat(found))
                })
            }
            request::References::METHOD => reply::<request::References>(id, params, |params| {
                let at = params.text_document_position;
                let with_definition = params.context.include_declaration;
                references::at(projects, &at.text_document.uri, at.position, with_definition)
            }),
            request::PrepareRenameRequest::METHOD => {
                reply::<request::PrepareRenameRequest>(id, params, |at| {
                    rename::prepare(projects, &at.text_document.uri, at.position)
                })
            }
            request::Rename::METHOD => try_reply::<request::Rename>(id, params, |params| {
                let at = params.text_document_position;
                rename::at(projects, &at.text_document.uri, at.position, &params.new_name)
            }),
            _ => self.answer_beside_the_text(id, method, params),
        }
    }

    fn answer_beside_the_text(&self, id: RequestId, method: &str, params: serde_json::Value) -> Response {
        let projects = &self.projects;
        match method {
            request::FoldingRangeRequest::METHOD => {
                reply::<request::FoldingRangeRequest>(id, params, |params| {
                    fold::of(projects, &params.text_document.uri)
                })
            }
            request::DocumentLinkRequest::METHOD => {
                reply::<request::DocumentLinkRequest>(id, params, |params| {
                    links::of(projects, &params.text_document.uri)
                })
            }
            request::CodeLensRequest::METHOD => reply::<request::CodeLensRequest>(id, params, |params| {
                lens::of(projects, self.remembered, &params.text_document.uri)
            }),
            request::InlayHintRequest::METHOD => reply::<request::InlayHintRequest>(id, params, |params| {
                inlay::of(projects, &params.text_document.uri, params.range)
            }),
            request::SemanticTokensFullRequest::METHOD => {
                reply::<request::SemanticTokensFullRequest>(id, params, |params| {
                    tokens::of(projects, &params.text_document.uri).map(SemanticTokensResult::Tokens)
                })
            }
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

/// The same, where what is asked for may be refused, with the reason.
fn try_reply<R>(
    id: RequestId,
    params: serde_json::Value,
    answer: impl FnOnce(R::Params) -> Result<R::Result, String>,
) -> Response
where
    R: request::Request,
    R::Params: DeserializeOwned,
    R::Result: Serialize,
{
    match serde_json::from_value(params) {
        Ok(params) => match answer(params) {
            Ok(answer) => Response::new_ok(id, answer),
            Err(reason) => Response::new_err(id, ErrorCode::RequestFailed as i32, reason),
        },
        Err(error) => Response::new_err(id, ErrorCode::InvalidParams as i32, error.to_string()),
    }
}

#[cfg(test)]
mod tests;
