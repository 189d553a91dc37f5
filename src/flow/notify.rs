//! Telling webhooks what happened.
//!
//! Promises: nothing here fails or holds up what it tells of for longer than [`PATIENCE`]. A message is written down as
//! told before it leaves, and is sent again only where nothing of it was sent. The address of a webhook is a secret, and
//! comes from the process alone.

use super::reach::Allowed;
use super::{Project, Stop, Terminal};
use crate::fieldwork::Fieldwork;
use crate::history::{By, Hide, Run};
use crate::marketplace::http::guarded::Guarded;
use crate::marketplace::http::secrets::Secrets;
use crate::marketplace::http::transport::{Network, NoAnswer, Outgoing, Transport};
use crate::model::notify::Hook;
use crate::notify::news::{self, Here};
use crate::notify::{Message, Owed, Told};
use crate::state::Parts;
use futures_util::future::join_all;
use http::{HeaderMap, HeaderValue, Method, header};
use secrecy::{ExposeSecret as _, SecretString};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long a command waits for all of it.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long a webhook may take.
const ONE: Duration = Duration::from_secs(8);
/// The folder of what was told, beside the state.
const FOLDER: &str = "told";
/// How many of these are kept.
const KEPT: usize = 10;
/// How often the next number is tried, when others tell something at the same time.
const TRIES: usize = 5;

/// What an apply hears of itself, to tell it once it is over.
#[derive(Debug, Default)]
pub struct Heard(Mutex<(Vec<Run>, Vec<String>)>);

impl Heard {
    /// Something was carried out.
    pub fn ran(&self, run: Run) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0.push(run);
    }

    /// Something was held back, in words.
    pub fn held_back(&self, what: impl IntoIterator<Item = String>) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .1
            .extend(what);
    }
}

/// A webhook that can be reached.
struct Open<'a> {
    hook: &'a Hook,
    secrets: Arc<Secrets>,
    url: SecretString,
    way: Guarded,
}

/// What is to be told: messages, and the verdicts that count as told then.
type News = (Vec<Message>, BTreeMap<crate::model::Address, String>);

impl Project {
    /// Tells what an apply did and what was held back of it.
    pub async fn tell_apply(&self, heard: &Heard, terminal: &dyn Terminal) {
        let heard = std::mem::take(&mut *heard.0.lock().unwrap_or_else(PoisonError::into_inner));
        let (runs, held_back) = heard;
        if runs.is_empty() && held_back.is_empty() {
            return;
        }
        let here = self.here();
        let runs = runs.iter().filter_map(|run| news::of_run(&here, run));
        let messages: Vec<Message> = runs.chain(news::of_guards(&here, held_back)).collect();
        self.tell(&|_| (messages.clone(), BTreeMap::new()), terminal)
            .await;
    }

    /// Tells the verdicts that have turned since they were told last.
    pub async fn tell_verdicts(&self, rows: &[Fieldwork], terminal: &dyn Terminal) {
        let here = self.here();
        let news = |told: &Told| match news::of_verdicts(&here, told, rows) {
            Some((message, now)) => (vec![message], now),
            None => News::default(),
        };
        self.tell(&news, terminal).await;
    }

    fn here(&self) -> Here {
        let process = self.process;
        let by = By::of(&|name| process.variable(name), String::new(), || None);
        Here {
            id: process.new_id(),
            at: process.second(),
            project: self.loaded.project.as_ref().map(|project| project.name.clone()),
            environment: self.environment.clone(),
            link: by.pipeline,
        }
    }

    async fn tell(&self, news: &(dyn Fn(&Told) -> News + Sync), terminal: &dyn Terminal) {
        let Ok(settings) = self.settings() else { return };
        if settings.notify.is_empty() {
            return;
        }
        let told = tokio::time::timeout(PATIENCE, self.tell_all(&settings.notify, news, terminal)).await;
        let problem = match told {
            Ok(Ok(())) => return,
            Ok(Err(stop)) => {
                let help = stop
                    .help
                    .map_or_else(String::new, |help| format!("\n  help: {help}"));
                stop.message.map(|message| message + &help).unwrap_or_default()
            }
            Err(_) => format!("no end of it within {} seconds", PATIENCE.as_secs()),
        };
        terminal.say(&format!("warning: webhooks were not told: {problem}"));
    }

    async fn tell_all(
        &self,
        hooks: &[Hook],
        news: &(dyn Fn(&Told) -> News + Sync),
        terminal: &dyn Terminal,
    ) -> Result<(), Stop> {
        let parts = self.place()?.parts;
        let hooks = self.open(hooks, terminal)?;
        let variables: BTreeSet<&String> = hooks.iter().map(|open| &open.hook.variable).collect();
        // A webhook that is not there any more gets nothing.
        let wanted = |message: &Message| -> BTreeSet<String> {
            let wants = hooks.iter().filter(|open| message.is_for(open.hook));
            wants.map(|open| open.hook.variable.clone()).collect()
        };
        let hide = |text: &str| self.process.secrets().hide(text).into_owned();
        let batch = mark(&*parts, &hide, |told| {
            let (messages, verdicts) = news(told);
            let owed = std::mem::take(&mut told.owed).into_iter().map(|mut owed| {
                owed.hooks.retain(|hook| variables.contains(hook));
                owed
            });
            let new = messages.into_iter().map(|message| Owed {
                hooks: wanted(&message),
                message,
            });
            let batch: Vec<Owed> = owed.chain(new).filter(|owed| !owed.hooks.is_empty()).collect();
            let changes = !verdicts.is_empty();
            told.verdicts.extend(verdicts);
            (changes || !batch.is_empty()).then_some(batch)
        })
        .await
        .map_err(Stop::failed)?;
        let Some(batch) = batch else { return Ok(()) };
        let sending = hooks.iter().map(async |open| {
            let mut not_sent = Vec::new();
            for owed in batch
                .iter()
                .filter(|owed| owed.hooks.contains(&open.hook.variable))
            {
                match send(open, &owed.message).await {
                    Ok(()) => {}
                    Err((problem, nothing_was_sent)) => {
                        let more = match nothing_was_sent {
                            true => "; the next message brings it",
                            false => "; it may have arrived, and is not sent again",
                        };
                        terminal.say(&format!(
                            "warning: the webhook of {} was not told: {problem}{more}",
                            open.hook.variable
                        ));
                        if nothing_was_sent {
                            not_sent.push(owed.message.clone());
                        }
                    }
                }
            }
            (open.hook.variable.clone(), not_sent)
        });
        let mut unsent: Vec<(Message, BTreeSet<String>)> = Vec::new();
        for (hook, messages) in join_all(sending).await {
            for message in messages {
                match unsent.iter_mut().find(|(other, _)| *other == message) {
                    Some((_, hooks)) => {
                        hooks.insert(hook.clone());
                    }
                    None => unsent.push((message, BTreeSet::from([hook.clone()]))),
                }
            }
        }
        if unsent.is_empty() {
            return Ok(());
        }
        let owes = mark(&*parts, &hide, |told| {
            unsent
                .iter()
                .for_each(|(message, hooks)| told.owe(message, hooks.clone()));
            Some(())
        });
        owes.await.map(|_| ()).map_err(Stop::failed)
    }

    fn open<'a>(&self, hooks: &'a [Hook], terminal: &dyn Terminal) -> Result<Vec<Open<'a>>, Stop> {
        let allowed = Allowed::read(self)?;
        let hosts = allowed.webhook_hosts();
        let network: Arc<dyn Transport> = Arc::new(Network::new(self.process.variables(&Network::PROXIES)));
        let open = |hook: &'a Hook| {
            let url = allowed.webhook(self, terminal, &hook.variable)?;
            let way = Guarded::new(Arc::clone(&network), self.process.secrets(), hosts.clone());
            let secrets = self.process.secrets();
            Ok(Open {
                hook,
                secrets,
                url,
                way,
            })
        };
        hooks.iter().map(open).collect()
    }
}

/// Writes down what is told, over what was told last. Gives what `change` gives; nothing is written where that is nothing.
async fn mark<T>(
    parts: &dyn Parts,
    hide: &Hide<'_>,
    mut change: impl FnMut(&mut Told) -> Option<T>,
) -> Result<Option<T>, String> {
    let mut taken = String::new();
    for _ in 0..TRIES {
        let listed = parts.list(FOLDER).await.map_err(|error| error.to_string())?;
        let names: Vec<String> = listed.into_iter().map(|part| part.name).collect();
        let (last, next) = Told::next_after(&names);
        let mut told = Told::default();
        if let Some(last) = last {
            let bytes = parts
                .read(FOLDER, last)
                .await
                .map_err(|error| error.to_string())?;
            // One that is damaged or gone was told nobody knows what: what is told twice is better than never.
            told = serde_json::from_slice(&bytes.unwrap_or_default()).unwrap_or_default();
        }
        let Some(value) = change(&mut told) else {
            return Ok(None);
        };
        let text = serde_json::to_string(&told).map_err(|error| error.to_string())?;
        match parts.add(FOLDER, &next, hide(&text).as_bytes()).await {
            Ok(()) => {
                let old: Vec<String> = names
                    .iter()
                    .take((names.len() + 1).saturating_sub(KEPT))
                    .cloned()
                    .collect();
                let _ = parts.remove(FOLDER, &old).await;
                return Ok(Some(value));
            }
            // Somebody else tells something at the same time.
            Err(error) => taken = error.to_string(),
        }
    }
    Err(format!("it cannot be written down first: {taken}"))
}

/// Sends a message once. An error says whether nothing of it was sent for certain.
async fn send(open: &Open<'_>, message: &Message) -> Result<(), (String, bool)> {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Ok(id) = HeaderValue::from_str(&message.id) {
        headers.insert("idempotency-key", id);
    }
    let request = Outgoing {
        method: Method::POST,
        url: open.url.expose_secret().to_owned(),
        headers,
        body: Some(open.secrets.hide(&message.body(open.hook)).into_owned().into()),
    };
    match tokio::time::timeout(ONE, open.way.send(request)).await {
        Ok(Ok(answer)) if (200..300).contains(&answer.status) => Ok(()),
        Ok(Ok(answer)) => Err((format!("it answers {}", answer.status), false)),
        Ok(Err(why @ (NoAnswer::NotSent(_) | NoAnswer::Withheld(_)))) => Err((why.text().to_owned(), true)),
        Ok(Err(why)) => Err((why.text().to_owned(), false)),
        Err(_) => Err((format!("no answer within {} seconds", ONE.as_secs()), false)),
    }
}
