//! Which secrets are read, and which hosts they may go to.
//!
//! `infield.yaml` comes with the branch that somebody else may have written, so it can choose neither: a vendor's secrets
//! come from variables that begin with its name, and go to its own hosts. More is allowed outside of the repository only:
//! by variables of the process, or in the configuration file of whoever runs it.

use super::{Process, Project, Stop, Terminal};
use crate::manifest::Secret;
use crate::marketplace::http::guarded::may_reach;
use crate::model::VendorId;
use crate::text::host;
use crate::yaml;
use secrecy::SecretString;
use std::path::{Path, PathBuf};
use url::Url;

/// Names more hosts, separated by commas or blanks.
const HOSTS: &str = "INFIELD_ALLOW_HOSTS";
/// Names more variables; a `*` at the end stands for any end.
const VARIABLES: &str = "INFIELD_ALLOW_VARIABLES";
/// Largest file that holds a secret, or the configuration of a person: 64 KiB.
const MAX_FILE: u64 = 64 * 1024;

/// Variables that hold addresses of webhooks begin with this.
const WEBHOOKS: &str = "INFIELD_NOTIFY_";
/// The host of Slack's incoming webhooks (docs.slack.dev, Sending messages using incoming webhooks).
const WEBHOOK_HOSTS: [&str; 1] = ["hooks.slack.com"];

/// An id of a client that is shorter may be a word that titles and URLs have as well.
const LONGEST_NAME: usize = 20;

/// What is allowed beyond the vendors' facts.
pub(super) struct Allowed {
    hosts: Vec<String>,
    variables: Vec<String>,
    /// Where a person may allow more.
    file: Option<PathBuf>,
}

impl Allowed {
    /// What the process and whoever runs it allow for this project.
    ///
    /// # Errors
    /// When the configuration file cannot be used.
    pub(super) fn read(project: &Project) -> Result<Self, Stop> {
        let process = project.process;
        let listed = |name: &str| {
            let text = process.variable(name).unwrap_or_default();
            let parts = text.split(|c: char| c == ',' || c.is_whitespace());
            parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
        };
        let mut allowed = Self {
            hosts: listed(HOSTS),
            variables: listed(VARIABLES),
            file: configuration(process),
        };
        if let Some(file) = allowed.file.clone().filter(|file| file.exists()) {
            allowed.add(&file, project.root.as_std_path())?;
        }
        allowed
            .hosts
            .iter_mut()
            .for_each(|host| host.make_ascii_lowercase());
        Ok(allowed)
    }

    /// Adds what a configuration file says.
    fn add(&mut self, file: &Path, root: &Path) -> Result<(), Stop> {
        let shown = file.display();
        if is_in_repository(file, root) {
            let why = format!("{shown} is not used: it lies in the repository that it would set free");
            return Err(Stop::refused(why).help(format!("move it elsewhere, or use {HOSTS} and {VARIABLES}")));
        }
        let text = yaml::read_text(file, MAX_FILE);
        let text = text.map_err(|why| Stop::failed(format!("{shown} {why}")))?;
        let wrong = || {
            Stop::failed(format!("{shown} is no configuration of infield"))
                .help("it has `allow_hosts: [HOST]` and `allow_variables: [NAME]`, and nothing else")
        };
        let (tree, problems) = yaml::parse(&text, yaml::Options::default());
        let document = tree.documents().next();
        let value = document.and_then(|document| yaml::to_json(document, &mut yaml::Budget::default()).0);
        let value = value.unwrap_or_default();
        if problems
            .iter()
            .any(|problem| problem.severity == crate::diag::Severity::Error)
        {
            return Err(wrong());
        }
        for (key, listed) in value.as_object().into_iter().flatten() {
            let list = match key.as_str() {
                "allow_hosts" => &mut self.hosts,
                "allow_variables" => &mut self.variables,
                _ => return Err(wrong()),
            };
            for item in listed.as_array().ok_or_else(wrong)? {
                list.push(item.as_str().ok_or_else(wrong)?.to_owned());
            }
        }
        match value.is_object() || value.is_null() {
            true => Ok(()),
            false => Err(wrong()),
        }
    }

    /// The hosts that secrets of an account at this vendor may go to.
    pub(super) fn hosts(&self, vendor: VendorId) -> Vec<String> {
        let own = vendor.facts().hosts.iter().map(|host| (*host).to_owned());
        own.chain(self.hosts.iter().cloned()).collect()
    }

    /// Refuses addresses that infield.yaml names and nobody else does.
    ///
    /// # Errors
    /// When there is one.
    pub(super) fn check_hosts<'a>(
        &self,
        project: &Project,
        vendor: VendorId,
        urls: impl IntoIterator<Item = (&'a str, &'a Option<String>)>,
    ) -> Result<(), Stop> {
        let hosts = self.hosts(vendor);
        for (key, url) in urls {
            let Some(url) = url.as_ref().filter(|url| !may_reach(url, &hosts)) else {
                continue;
            };
            let host = Url::parse(url)
                .ok()
                .as_ref()
                .and_then(host::with_port)
                .unwrap_or_default();
            let message = format!(
                "secrets of {} do not go to {host}: only `{key}` of `{}` in infield.yaml names it, and whoever writes a branch \
                 writes that",
                vendor.name(),
                project.environment
            );
            return Err(Stop::refused(message).help(self.way_out(HOSTS, &self.hosts, "allow_hosts", &host)));
        }
        Ok(())
    }

    /// The value of a secret, which is known as one from then on. No message ever contains it.
    ///
    /// # Errors
    /// When it is missing, or may not be read.
    pub(super) fn secret(
        &self,
        project: &Project,
        terminal: &dyn Terminal,
        (vendor, key): (VendorId, &str),
        secret: Option<&Secret>,
    ) -> Result<SecretString, Stop> {
        let missing = |what: String| {
            Stop::failed(format!(
                "the {} {} of `{}` is missing: {what}",
                vendor.name(),
                key.replace('_', " "),
                project.environment
            ))
        };
        let value = match secret {
            None => {
                return Err(missing("infield.yaml names none".to_owned())
                    .help(format!("write `{}: {{{key}: \"${{VARIABLE}}\"}}`", vendor.key())));
            }
            Some(Secret::Literal(value)) => value.clone(),
            Some(Secret::Env(name)) => {
                self.check_variable(project, terminal, (vendor.name(), vendor.facts().variables), name)?;
                let value = project.process.variable(name);
                value.ok_or_else(|| missing(format!("the variable {name} is not set")))?
            }
            Some(Secret::File(path)) => {
                let path = project.root.join(path);
                let text = yaml::read_text(path.as_std_path(), MAX_FILE);
                text.map_err(|why| missing(format!("{path} {why}")))?
            }
        };
        let value = value.trim();
        if value.is_empty() {
            return Err(missing("its value is empty".to_owned()));
        }
        // A key file or a list of variables is no token, and is not sent as one.
        if value.contains(char::is_control) {
            return Err(missing("its value is not one line of text".to_owned()));
        }
        // What stands in infield.yaml opens only a server on this machine. The name of a client is none unless it reads like one.
        let is_name = key == "client_id" && value.len() < LONGEST_NAME;
        if !matches!(secret, Some(Secret::Literal(_))) && !is_name {
            project.process.secrets().learn(value);
        }
        Ok(SecretString::from(value.to_owned()))
    }

    /// The hosts that messages may go to.
    pub(super) fn webhook_hosts(&self) -> Vec<String> {
        let known = WEBHOOK_HOSTS.iter().map(|host| (*host).to_owned());
        known.chain(self.hosts.iter().cloned()).collect()
    }

    /// The address of a webhook, which is a secret, from a variable.
    ///
    /// # Errors
    /// When it is missing, may not be read, or is one that messages may not go to.
    pub(super) fn webhook(
        &self,
        project: &Project,
        terminal: &dyn Terminal,
        variable: &str,
    ) -> Result<SecretString, Stop> {
        self.check_variable(project, terminal, ("a webhook", &[WEBHOOKS]), variable)?;
        let address = project.process.variable(variable).unwrap_or_default();
        let address = address.trim();
        if address.is_empty() {
            return Err(Stop::failed(format!("the variable {variable} is not set")));
        }
        project.process.secrets().learn(address);
        let url = Url::parse(address).ok().filter(Url::has_host);
        let Some(url) = url else {
            return Err(Stop::failed(format!("the variable {variable} holds no address")));
        };
        let path = url.path().trim_matches('/');
        if path.len() >= LONGEST_NAME {
            project.process.secrets().learn(path);
        }
        if url.scheme() != "https" && !host::is_this_machine(&url) {
            return Err(Stop::refused(format!(
                "the address in {variable} does not begin with https://"
            )));
        }
        if !may_reach(address, &self.webhook_hosts()) {
            let host = host::with_port(&url).unwrap_or_default();
            let message = format!("messages do not go to {host}, where {variable} leads");
            return Err(Stop::refused(message).help(self.way_out(HOSTS, &self.hosts, "allow_hosts", &host)));
        }
        Ok(SecretString::from(address.to_owned()))
    }

    /// Refuses a variable that is not one of `whose`, by how its name begins. Who sits at a terminal is warned for this
    /// release.
    fn check_variable(
        &self,
        project: &Project,
        terminal: &dyn Terminal,
        (whose, prefixes): (&str, &[&str]),
        name: &str,
    ) -> Result<(), Stop> {
        let listed = |allowed: &String| match allowed.strip_suffix('*') {
            Some(begin) => name.starts_with(begin),
            None => name == allowed,
        };
        if prefixes.iter().any(|prefix| name.starts_with(prefix)) || self.variables.iter().any(listed) {
            return Ok(());
        }
        let prefixes: Vec<String> = prefixes.iter().map(|prefix| format!("{prefix}*")).collect();
        let prefixes = prefixes.join(" or ");
        let message = format!(
            "the variable {name} is not read for {whose}: only those named {prefixes} are, because whoever writes a branch chooses \
             the name in infield.yaml"
        );
        let way_out = self.way_out(VARIABLES, &self.variables, "allow_variables", name);
        if terminal.is_attended() && project.process.variable("CI").is_none() {
            terminal.say(&format!(
                "warning: from the next release on, {message}\n  help: {way_out}"
            ));
            return Ok(());
        }
        Err(Stop::refused(message).help(way_out))
    }

    /// The one line that allows something, and where it belongs.
    fn way_out(&self, variable: &str, present: &[String], key: &str, more: &str) -> String {
        let all: Vec<&str> = present.iter().map(String::as_str).chain([more]).collect();
        let file = self.file.as_ref().map_or_else(String::new, |file| {
            format!(", or write `{key}: [{}]` into {}", all.join(", "), file.display())
        });
        format!(
            "if it is meant, set {variable}={} where the branch cannot: on the runner or in the organisation, not in the \
             workflow{file}",
            all.join(",")
        )
    }
}

/// The configuration file of whoever runs the process, where the platform keeps such files.
fn configuration(process: &dyn Process) -> Option<PathBuf> {
    // A relative path would lead into the repository.
    let absolute = |name: &str| {
        process
            .variable(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let folder = if cfg!(windows) {
        absolute("APPDATA")
    } else {
        let below = match cfg!(target_os = "macos") {
            true => "Library/Application Support",
            false => ".config",
        };
        absolute("XDG_CONFIG_HOME").or_else(|| absolute("HOME").map(|home| home.join(below)))
    };
    Some(folder?.join("infield").join("config.yaml"))
}

/// Whether a file lies in the repository of a project, or in the project where that is in none.
fn is_in_repository(file: &Path, root: &Path) -> bool {
    let (Ok(file), Ok(root)) = (file.canonicalize(), root.canonicalize()) else {
        return true;
    };
    let repository = root.ancestors().find(|folder| folder.join(".git").exists());
    file.starts_with(repository.unwrap_or(&root)) || file.starts_with(&root)
}
