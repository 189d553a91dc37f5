//! Real kills: `infield apply` of the quickstart is ended by SIGKILL at every boundary of every request, and applied
//! again. In the end there are exactly the surveys of an apply that nobody disturbed.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test's unwrap is its assertion, and --nocapture shows what it did"
)]

mod cint;
mod innovatemr;
mod ladder;
mod proxy;
mod random;

use crate::support::INFIELD;
use proxy::{Moment, Proxy};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A standalone sandbox, the proxy before it, and a copy of the quickstart that applies through both.
struct Bench {
    server: Child,
    sandbox: SocketAddr,
    proxy: Proxy,
    folder: tempfile::TempDir,
    /// The folder below `examples` that is applied.
    example: &'static str,
    runs: usize,
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Bench {
    fn start() -> Self {
        Self::of("quickstart")
    }

    fn of(example: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut server = Command::new(&*INFIELD)
            .args(["sandbox", "serve", "--port", "0", "--store"])
            .arg(folder.path().join("vendor"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let sandbox = line
            .trim()
            .rsplit('/')
            .next()
            .unwrap()
            .parse()
            .unwrap_or_else(|_| panic!("no address in {line:?}"));
        Self {
            server,
            sandbox,
            proxy: Proxy::start(sandbox),
            folder,
            example,
            runs: 0,
        }
    }

    /// A fresh copy of the example, and vendors without surveys.
    fn project(&mut self) -> PathBuf {
        self.call("POST", "/_sandbox/reset");
        self.runs += 1;
        let project = self.folder.path().join(format!("run-{}", self.runs));
        std::fs::create_dir(&project).unwrap();
        let example = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("examples")
            .join(self.example);
        for entry in std::fs::read_dir(example).unwrap() {
            let entry = entry.unwrap();
            if !entry.file_type().unwrap().is_file() {
                continue;
            }
            std::fs::copy(entry.path(), project.join(entry.file_name())).unwrap();
        }
        let address = self.proxy.address;
        std::fs::write(
            project.join("infield.yaml"),
            format!(
                "kind: Project\nname: quickstart\nenvironments:\n  bench:\n    purespectrum:\n      base_url: \
                 http://{address}/purespectrum/buyers/v2\n      token: sandbox\n    innovatemr:\n      base_url: \
                 http://{address}/innovatemr/api/v2\n      token: sandbox\n      requests_per_second: 10000\n    cint:\n      base_url: \
                 http://{address}/cint/v1\n      auth_url: http://{address}/cint/oauth/token\n      account_id: 1\n      \
                 client_id: sandbox\n      client_secret: sandbox\n      requests_per_second: 10000\n"
            ),
        )
        .unwrap();
        project
    }

    /// Applies the project; gives the exit code, the number of requests, and whether it was killed.
    fn apply(&self, project: &Path, moment: Option<Moment>) -> (Option<i32>, usize, bool) {
        let args = ["apply", "--env", "bench", "--yes", "--allow", "launch"];
        self.runs(project, &args, moment)
    }

    /// The same with another command.
    fn runs(&self, project: &Path, args: &[&str], moment: Option<Moment>) -> (Option<i32>, usize, bool) {
        let journal = project.join(".infield/bench/journal.jsonl");
        self.proxy.run(moment, journal, || {
            let log = std::fs::File::create(project.join("stderr.txt")).unwrap();
            Command::new(&*INFIELD)
                .args(args)
                .current_dir(project)
                .env("RUST_BACKTRACE", "0")
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(log)
                .spawn()
                .unwrap()
        })
    }

    /// A call straight to the sandbox.
    fn call(&self, method: &str, path: &str) -> Value {
        let mut stream = TcpStream::connect(self.sandbox).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\naccess-token: sandbox\r\ncontent-length: 0\r\nconnection: \
             close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{method} {path}: {error}: {answer}"))
    }

    /// Every survey of the account in what it has to be, without what differs from run to run.
    fn surveys(&self) -> Vec<Value> {
        let mut all = Vec::new();
        for status in [11, 22, 33, 44] {
            let path = format!("/purespectrum/buyers/v2/surveys?status={status}&limit=100");
            for survey in self.call("GET", &path).as_array().unwrap() {
                let mut quotas: Vec<String> = survey["quotas"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|quota| {
                        format!(
                            "{} {} {}",
                            quota["buyer_quota_id"], quota["required_count"], quota["criteria"]
                        )
                    })
                    .collect();
                quotas.sort();
                all.push(json!({
                    "title": survey["survey_title"],
                    "completes": survey["completes_required"],
                    "price": survey["offer_price"],
                    "status": survey["ps_survey_status"],
                    "template": survey["template_id"],
                    "qualifications": survey["qualifications"],
                    "quotas": quotas,
                }));
            }
        }
        all.sort_by_key(Value::to_string);
        all
    }

    /// Bodies of creates that reached the vendor.
    fn creates(&self) -> usize {
        let log = self.call("GET", "/_sandbox/requests");
        let requests = log.as_array().or_else(|| log["requests"].as_array()).unwrap();
        requests
            .iter()
            .filter(|request| {
                let path = request["path"].as_str().unwrap();
                request["method"] == "POST" && path.trim_end_matches('/').ends_with("/surveys")
            })
            .count()
    }

    /// What an apply makes that nobody disturbs.
    fn undisturbed(&mut self) -> Vec<Value> {
        let project = self.project();
        let (code, _, _) = self.apply(&project, None);
        assert_eq!(code, Some(0), "{}", stderr(&project));
        let wanted = self.surveys();
        assert_eq!(wanted.len(), 3);
        assert!(wanted.iter().all(|survey| survey["status"] == 22));
        let templates: BTreeSet<String> = wanted
            .iter()
            .map(|survey| survey["template"].to_string())
            .collect();
        assert_eq!(templates, BTreeSet::from(["15".to_owned(), "null".to_owned()]));
        wanted
    }

    /// Kills an apply at every such moment, the first request's, the second's and so on, until there is no such request
    /// any more; `again` applies again and says what has to hold. How many requests that were.
    ///
    /// Which request is the third is up to the process, since it sends several at once: only what holds in every order
    /// may be asked for.
    fn at_every(&mut self, moment: fn(usize) -> Moment, mut again: impl FnMut(&Self, &Path, &str)) -> usize {
        for number in 0.. {
            let project = self.project();
            let (code, requests, killed) = self.apply(&project, Some(moment(number)));
            if killed {
                again(self, &project, &format!("killed {:?}", moment(number)));
                continue;
            }
            // There was no such request, or the process was through before it could be killed.
            assert_eq!(code, Some(0), "{}", stderr(&project));
            if requests <= number {
                return number;
            }
            assert!(
                matches!(moment(number), Moment::Relayed(_)),
                "not killed at {number}"
            );
        }
        unreachable!("a process does not send requests for ever")
    }

    /// Kills an apply at every such moment and applies again.
    fn kill_everywhere(&mut self, moment: fn(usize) -> Moment) {
        let wanted = self.undisturbed();
        let requests = self.at_every(moment, |bench, project, killed| {
            let (code, _, _) = bench.apply(project, None);
            let context = format!("{killed}: {}", stderr(project));
            assert_eq!(code, Some(0), "{context}");
            assert_eq!(bench.surveys(), wanted, "{context}");
            assert_eq!(bench.creates(), 3, "{context}");
        });
        assert!(
            requests >= 6,
            "three creates and three launches, and {requests} requests"
        );
    }
}

fn stderr(project: &Path) -> String {
    std::fs::read_to_string(project.join("stderr.txt")).unwrap_or_default()
}

#[test]
fn killed_before_a_request_reaches_the_vendor() {
    Bench::start().kill_everywhere(Moment::Before);
}

#[test]
fn killed_before_the_answer_comes_back() {
    Bench::start().kill_everywhere(Moment::After);
}

#[test]
fn killed_while_the_answer_is_written_down() {
    Bench::start().kill_everywhere(Moment::Relayed);
}

/// Killed again and again, a little further each time, as a pipeline that is cancelled on every push.
#[test]
fn killed_over_and_over() {
    let mut bench = Bench::start();
    let wanted = bench.undisturbed();
    let project = bench.project();
    for number in 0..40 {
        let (code, _, killed) = bench.apply(&project, Some(Moment::After(number)));
        if !killed {
            assert_eq!(code, Some(0), "{}", stderr(&project));
            break;
        }
    }
    let (code, _, _) = bench.apply(&project, None);
    assert_eq!(code, Some(0), "{}", stderr(&project));
    assert_eq!(bench.surveys(), wanted);
    assert_eq!(bench.creates(), 3);
}
