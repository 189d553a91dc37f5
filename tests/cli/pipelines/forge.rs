//! A hosting service as a pipeline sees it: a git repository with pull requests, artifacts of runs, comments, and the
//! programs `gh`, `curl` and `cargo`, which speak to it.

use crate::support::{INFIELD, Sandbox, eventually, isolated};
use infield::yaml::{self, Budget};
use serde_json::{Map, Value};
use std::cell::{Cell, RefCell};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// What `gh` does with its folder.
const GH: &str = r#"#!/usr/bin/env bash
set -euo pipefail
option() { local name=$1; shift; while [ $# -gt 0 ]; do if [ "$1" = "$name" ]; then echo "$2"; return; fi; shift; done; }
case "$1 $2" in
  "run list")
    key=$(option --commit "$@"); if [ -z "$key" ]; then key=$(option --event "$@"); fi
    [ -e "$FORGE/runs/$key" ] && cat "$FORGE/runs/$key" ;;
  "run download")
    mkdir -p "$(option --dir "$@")"
    cp -r "$FORGE/artifacts/$3/$(option --name "$@")/." "$(option --dir "$@")" ;;
  "api "*)
    [ -n "$GH_TOKEN" ]
    case $2 in */commits/*/pulls) pull=${2%/pulls}; cat "$FORGE/pulls/${pull##*/}"; exit ;; esac
    body=$(option --field "$@"); body=${body#body=@}
    case "$(option --method "$@")" in
      POST) cp "$body" "$FORGE/comments/$(( $(ls "$FORGE/comments" | wc -l) + 1 ))" ;;
      PATCH) for word in "$@"; do case $word in */comments/*) cp "$body" "$FORGE/comments/${word##*/}" ;; esac; done ;;
      *) for file in "$FORGE"/comments/*; do
           if [ -e "$file" ] && [[ "$(cat "$file")" == "$MARKER"* ]]; then echo "${file##*/}"; fi
         done ;;
    esac ;;
  *) echo "gh: $*" >&2; exit 1 ;;
esac
"#;

/// What `curl` does with its folder: the few calls of GitLab's API that the template makes.
const CURL: &str = r#"#!/usr/bin/env bash
set -euo pipefail
method=GET output=/dev/stdout body='' url=''
while [ $# -gt 0 ]; do
  case $1 in
    --request) method=$2; shift ;;
    --output) output=$2; shift ;;
    --data-urlencode) body=${2#body@}; shift ;;
    --header) shift ;;
    http*) url=$1 ;;
  esac
  shift
done
case "$method $url" in
  "GET "*/notes\?*)
    for file in "$FORGE"/comments/*; do
      if [ -e "$file" ]; then jq --null-input --arg id "${file##*/}" --rawfile body "$file" '{id: ($id | tonumber), body: $body}'; fi
    done | jq --slurp . >"$output" ;;
  "POST "*/notes) cp "$body" "$FORGE/comments/$(( $(ls "$FORGE/comments" | wc -l) + 1 ))" ;;
  "PUT "*/notes/*) cp "$body" "$FORGE/comments/${url##*/}" ;;
  "GET "*/repository/commits/*/merge_requests) printf '[{"iid": 7, "state": "merged", "source_project_id": %s}]' "$(cat "$FORGE/source")" >"$output" ;;
  "GET "*/projects/2/jobs/artifacts/refs%2Fmerge-requests%2F7%2Fhead/raw/infield-plan/plan.json\?job=*-plan-from-picture)
    cp "$FORGE/gitlab/${url##*job=}/infield-plan/plan.json" "$output" ;;
  "GET "*/projects/42/jobs/artifacts/refs%2Fmerge-requests%2F7%2Fhead/raw/infield-plan/plan.json\?job=*-plan)
    cp "$FORGE/gitlab/${url##*job=}/infield-plan/plan.json" "$output" ;;
  "GET "*/jobs/artifacts/main/raw/picture.json\?job=*-drift)
    cp "$FORGE/gitlab/${url##*job=}/picture.json" "$output" ;;
  *) echo "curl: $method $url" >&2; exit 22 ;;
esac
"#;

/// What `sleep` does: it says for how long, and ends when something happens instead.
const SLEEP: &str = r#"#!/bin/sh
echo "$1" >>"$FORGE/waits"
until [ -e "$FORGE/goes-on" ]; do /bin/sleep 0.02; done
"#;

/// The first of these programs that this machine does not have.
pub(super) fn programs_missing(programs: &str) -> Option<&str> {
    programs
        .split(' ')
        .find(|program| Command::new(program).arg("--version").output().is_err() && *program != "sh")
}

/// One of the examples as JSON.
pub(super) fn yaml(file: &str) -> Value {
    read_yaml(
        &Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("examples/ci")
            .join(file),
    )
}

/// The action that workflows use.
pub(super) fn action() -> Value {
    read_yaml(&Path::new(env!("CARGO_MANIFEST_DIR")).join("action.yml"))
}

/// The component that pipelines of GitLab include: what it can be given, and its jobs.
pub(super) fn component() -> [Value; 2] {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/infield.yml");
    read_documents(&path).try_into().expect("two documents")
}

/// A YAML file of one document as JSON.
fn read_yaml(path: &Path) -> Value {
    read_documents(path).remove(0)
}

fn read_documents(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    let (tree, problems) = yaml::parse(&text, yaml::Options::default());
    assert!(problems.is_empty(), "{}: {problems:?}", path.display());
    let documents = tree.documents();
    documents
        .map(|root| yaml::to_json(root, &mut Budget::default()).0.unwrap())
        .collect()
}

/// The service, with one repository.
pub(super) struct Forge {
    home: TempDir,
    secrets: Cell<bool>,
    pub(super) workflow: Cell<&'static str>,
    /// What the pipeline gives to the action or the component instead of what the example gives.
    given: RefCell<Vec<(&'static str, String)>>,
}

impl Forge {
    /// A service with a repository whose environment `production` is a sandbox.
    pub(super) fn new(sandbox: &Sandbox) -> Self {
        let forge = Self {
            home: tempfile::tempdir().unwrap(),
            secrets: Cell::new(true),
            workflow: Cell::new("infield.yml"),
            given: RefCell::default(),
        };
        for folder in [
            "repository",
            "comments",
            "artifacts",
            "pulls",
            "runs",
            "gitlab",
            "bin",
            "state",
        ] {
            fs::create_dir(forge.path(folder)).unwrap();
        }
        for (name, text) in [
            ("gh", GH),
            ("curl", CURL),
            ("sleep", SLEEP),
            ("cargo", "#!/bin/sh\nexit 1\n"),
        ] {
            let program = forge.path("bin").join(name);
            fs::write(&program, text).unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        }
        // The project that merge requests come from: this one.
        fs::write(forge.path("source"), "42").unwrap();
        forge.project("", "test", sandbox);
        forge.git("repository", &["init", "--quiet", "--initial-branch=main"]);
        forge.branch("main");
        forge
    }

    /// Writes the `infield.yaml` of a project in a folder of the repository, with a state of its own.
    pub(super) fn project(&self, folder: &str, name: &str, sandbox: &Sandbox) {
        self.write(
            &format!("{folder}infield.yaml"),
            &format!(
                "kind: Project\nname: {name}\nenvironments:\n  production:\n    state: \"file://{}\"\n    purespectrum:\n      \
                 base_url: \"{}\"\n      token: \"${{PURESPECTRUM_TOKEN}}\"\n",
                self.path("state").join(folder).display(),
                sandbox.base_url()
            ),
        );
    }

    /// Lets the pipeline give these inputs, and the rest as the example does.
    pub(super) fn gives(&self, inputs: &[(&'static str, &str)]) {
        let inputs = inputs.iter().map(|(name, value)| (*name, (*value).to_owned()));
        *self.given.borrow_mut() = inputs.collect();
    }

    /// The inputs that the pipeline gives, over those of the example.
    pub(super) fn over(&self, example: &Value) -> Map<String, Value> {
        let mut all = example.as_object().cloned().unwrap_or_default();
        for (name, value) in self.given.borrow().iter() {
            all.insert((*name).to_owned(), value.clone().into());
        }
        all
    }

    /// Something of the service.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Writes a file of the working copy.
    pub(super) fn write(&self, name: &str, text: &str) {
        let path = self.path("repository").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Replaces what stands exactly once in a file of the working copy.
    pub(super) fn edit(&self, name: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path("repository").join(name)).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{from:?} in {text}");
        self.write(name, &text.replace(from, to));
    }

    /// Commits everything to a branch; answers with the commit.
    pub(super) fn branch(&self, name: &str) -> String {
        if name != "main" {
            self.git("repository", &["checkout", "--quiet", "-B", name]);
        }
        self.git("repository", &["add", "--all"]);
        self.git("repository", &["commit", "--quiet", "--message", name]);
        self.git("repository", &["rev-parse", "HEAD"]).trim().to_owned()
    }

    /// Makes a branch `main`; answers with the commit.
    pub(super) fn merge_commit(&self, head: &str) -> String {
        self.git("repository", &["checkout", "--quiet", "main"]);
        let merge = ["merge", "--quiet", "--no-ff", "--message", "merge", head];
        self.git("repository", &merge);
        self.git("repository", &["rev-parse", "HEAD"]).trim().to_owned()
    }

    /// A fresh copy of a commit.
    pub(super) fn checkout(&self, commit: &str) -> TempDir {
        let folder = tempfile::tempdir_in(self.home.path()).unwrap();
        let path = folder.path().to_str().unwrap();
        self.git("repository", &["clone", "--quiet", ".", path]);
        self.git(path, &["checkout", "--quiet", commit]);
        folder
    }

    fn git(&self, folder: &str, arguments: &[&str]) -> String {
        let mut git = isolated("git", self.home.path(), &self.path(folder));
        let output = git
            .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// A shell in a folder that reaches the service and the program.
    pub(super) fn shell(&self, shell: &str, folder: &Path) -> Command {
        let path = format!(
            "{}:{}:{}",
            self.path("bin").display(),
            Path::new(&*INFIELD).parent().unwrap().display(),
            std::env::var("PATH").unwrap_or_default()
        );
        let mut command = isolated(shell, self.home.path(), folder);
        command.env("PATH", path).env("FORGE", self.home.path());
        command
    }

    /// Runs a job while somebody else has the state, who gives it back once the job waits.
    pub(super) fn while_locked<T>(&self, job: impl FnOnce() -> T) -> T {
        let lock = fs::File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.path("state/lock"))
            .unwrap();
        lock.try_lock().unwrap();
        let (waits, goes_on) = (self.path("waits"), self.path("goes-on"));
        std::thread::scope(|scope| {
            scope.spawn(move || {
                eventually("a job that waits", || waits.exists().then_some(()));
                drop(lock);
                fs::write(goes_on, "").unwrap();
            });
            job()
        })
    }

    /// For how long jobs waited, in the words of their scripts.
    pub(super) fn waits(&self) -> String {
        fs::read_to_string(self.path("waits")).unwrap_or_default()
    }

    /// Comments in the order in which they were made.
    pub(super) fn comments(&self) -> Vec<String> {
        let count = fs::read_dir(self.path("comments")).unwrap().count();
        let read =
            |number: usize| fs::read_to_string(self.path("comments").join(number.to_string())).unwrap();
        (1..=count).map(read).collect()
    }

    /// Whether jobs get secrets.
    pub(super) fn has_secrets(&self) -> bool {
        self.secrets.get()
    }

    /// Does something as a fork does it.
    pub(super) fn without_secrets<T>(&self, what: impl FnOnce() -> T) -> T {
        self.secrets.set(false);
        let done = what();
        self.secrets.set(true);
        done
    }
}
