//! The same for a job with two groups, at a vendor where a lost group can only be found by a person.

use super::proxy::Moment;
use super::{Bench, stderr};
use crate::support::INFIELD;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

impl Bench {
    /// Everything the vendor has stored of a kind.
    pub(super) fn stored(&self, kind: &str) -> Vec<Value> {
        let all = self.call("GET", "/_sandbox/documents/innovatemr");
        let prefix = format!("innovatemr/{kind}/");
        let all = all.as_object().unwrap().iter();
        all.filter(|(key, _)| key.starts_with(&prefix))
            .map(|(_, value)| value.clone())
            .collect()
    }

    /// Jobs, groups and quotas without their ids.
    pub(super) fn jobs(&self) -> Value {
        let mut groups = self.stored("group");
        groups.sort_by_key(|group| group["fields"]["Name"].to_string());
        let groups: Vec<Value> = groups
            .iter()
            .map(|group| json!([group["fields"], group["targets"], group["status"]]))
            .collect();
        let mut quotas: Vec<String> = self
            .stored("quota")
            .iter()
            .map(|quota| {
                format!(
                    "{} {} {}",
                    quota["fields"]["Title"], quota["fields"]["N"], quota["fields"]["Conditions"]
                )
            })
            .collect();
        quotas.sort();
        let jobs = self.stored("job");
        let jobs: Vec<Value> = jobs
            .iter()
            .map(|job| json!([job["fields"], job["status"]]))
            .collect();
        json!([jobs, groups, quotas])
    }

    /// Settles every group whose create is open, by a look at what the vendor has. How many those were.
    pub(super) fn look_and_settle(&self, project: &Path) -> usize {
        let mut settled = 0;
        for group in ["us-adults", "in-adults"] {
            let name = json!(format!("Brand lift, autumn - {group}"));
            let found: Vec<String> = self
                .stored("group")
                .iter()
                .filter(|stored| stored["fields"]["Name"] == name)
                .map(|stored| stored["id"].to_string())
                .collect();
            assert!(found.len() <= 1, "{group} was made twice");
            let address = format!("brand-lift/{group}");
            let mut args = vec!["state", "resolve", &address, "--env", "bench"];
            match found.first() {
                Some(id) => args.extend(["--adopt", id]),
                None => args.push("--discard"),
            }
            let output = Command::new(&*INFIELD)
                .args(args)
                .current_dir(project)
                .output()
                .unwrap();
            // A group that is not open is left as it is, and infield says so.
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(
                output.status.success() || said.contains("has no create with unknown outcome"),
                "{said}"
            );
            settled += usize::from(output.status.success());
        }
        settled
    }

    fn kill_jobs_everywhere(&mut self, moment: fn(usize) -> Moment) {
        let project = self.project();
        let (code, _, _) = self.apply(&project, None);
        assert_eq!(code, Some(0), "{}", stderr(&project));
        let wanted = self.jobs();
        assert_eq!(wanted[1].as_array().unwrap().len(), 2);
        let (mut stops, mut found) = (0, 0);
        let requests = self.at_every(moment, |bench, project, killed| {
            let (mut code, _, _) = bench.apply(project, None);
            let context = format!("{killed}: {}", stderr(project));
            let of_group = |line: &str| line.contains("brand-lift/") && line.contains("it is taken over");
            found += stderr(project).lines().filter(|line| of_group(line)).count();
            if code == Some(3) {
                stops += 1;
                let settled = bench.look_and_settle(project);
                assert!(
                    settled > 0,
                    "only a lost group needs a person, and none is: {context}"
                );
                (code, _, _) = bench.apply(project, None);
            }
            assert_eq!(code, Some(0), "{context}\n{}", stderr(project));
            assert_eq!(bench.jobs(), wanted, "{context}");
        });
        assert!(
            requests >= 5,
            "a job, two groups and their launches, and {requests} requests"
        );
        // The first group's create is the same request in every run. Killed there, its answer is never known. Where the
        // vendor has made it, its job shows it; where it has not, a person has to say so.
        match moment(0) {
            Moment::Before(_) => assert!(stops > 0, "a lost group, and nobody was asked"),
            Moment::After(_) => assert!(stops + found > 0, "a lost group, neither found nor asked about"),
            Moment::Relayed(_) | Moment::At(_) => {}
        }
    }
}

#[test]
fn jobs_killed_before_a_request_reaches_the_vendor() {
    Bench::of("innovatemr").kill_jobs_everywhere(Moment::Before);
}

#[test]
fn jobs_killed_before_the_answer_comes_back() {
    Bench::of("innovatemr").kill_jobs_everywhere(Moment::After);
}

#[test]
fn jobs_killed_while_the_answer_is_written_down() {
    Bench::of("innovatemr").kill_jobs_everywhere(Moment::Relayed);
}
