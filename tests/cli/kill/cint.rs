//! The same for a project with two target groups, whose launches are jobs of the vendor.

use super::proxy::Moment;
use super::{Bench, stderr};
use serde_json::{Value, json};

impl Bench {
    /// Projects and target groups without their ids and times.
    pub(super) fn projects(&self) -> Value {
        let all = self.call("GET", "/_sandbox/documents/cint");
        let of = |kind: &str| -> Vec<Value> {
            let prefix = format!("cint/{kind}/");
            let all = all.as_object().unwrap().iter();
            all.filter(|(key, _)| key.starts_with(&prefix))
                .map(|(_, value)| value.clone())
                .collect()
        };
        let projects: Vec<Value> = of("project")
            .iter()
            .map(|project| json!([project["name"], project["reference"]]))
            .collect();
        let mut groups: Vec<Value> = of("group")
            .iter()
            .map(|group| {
                let in_field = matches!(group["run"]["status"].as_str(), Some("scheduled" | "live"));
                json!([
                    group["fields"],
                    group["goal"],
                    group["cpi"],
                    group["assistant"],
                    in_field,
                    group["end_ms"]
                ])
            })
            .collect();
        groups.sort_by_key(Value::to_string);
        json!([projects, groups])
    }

    fn kill_projects_everywhere(&mut self, moment: fn(usize) -> Moment) {
        let project = self.project();
        let (code, _, _) = self.apply(&project, None);
        assert_eq!(code, Some(0), "{}", stderr(&project));
        let wanted = self.projects();
        assert_eq!(wanted[1].as_array().unwrap().len(), 2);
        let requests = self.at_every(moment, |bench, project, killed| {
            let (code, _, _) = bench.apply(project, None);
            let context = format!("{killed}: {}", stderr(project));
            assert_eq!(code, Some(0), "{context}");
            assert_eq!(bench.projects(), wanted, "{context}");
        });
        assert!(
            requests >= 5,
            "a project, two groups and their launches, and {requests} requests"
        );
    }
}

#[test]
fn projects_killed_before_a_request_reaches_the_vendor() {
    Bench::of("cint").kill_projects_everywhere(Moment::Before);
}

#[test]
fn projects_killed_before_the_answer_comes_back() {
    Bench::of("cint").kill_projects_everywhere(Moment::After);
}

#[test]
fn projects_killed_while_the_answer_is_written_down() {
    Bench::of("cint").kill_projects_everywhere(Moment::Relayed);
}
