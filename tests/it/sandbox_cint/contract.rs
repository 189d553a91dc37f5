//! Every documented example: its request is accepted, or refused where it says so, with the documented status, headers
//! and shape.

use crate::sandbox_cint::documented::{differences, fixture};
use crate::sandbox_cint::support::{
    A, Reply, World, genders, id, plain, plain_with, share, with_profiles, world,
};
use axum::body::Body;
use http::{Method, Request};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Plays examples and remembers which.
struct Stage {
    world: World,
    played: BTreeSet<String>,
    problems: Vec<String>,
}

/// What stands for the parameters of a path.
#[derive(Debug, Clone, Default)]
struct Place {
    group: String,
    job: String,
    request: String,
    /// Another header.
    tag: Option<String>,
    /// Another body.
    body: Option<Value>,
}

fn at(group: &str) -> Place {
    Place {
        group: group.to_owned(),
        ..Place::default()
    }
}

impl Place {
    fn tagged(mut self, tag: &str) -> Self {
        self.tag = Some(tag.to_owned());
        self
    }

    fn job(mut self, job: &str) -> Self {
        job.clone_into(&mut self.job);
        self
    }

    fn with(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    fn path(&self, template: &str) -> String {
        let (project, group) = self
            .group
            .split_once("/target-groups/")
            .unwrap_or((&self.group, ""));
        template
            .replace("{account_id}", "1")
            .replace("{project_id}", id(project))
            .replace("{target_group_id}", group)
            .replace("{fielding_run_id}", group)
            .replace("{job_id}", &self.job)
            .replace("{request_id}", &self.request)
            .replace("{business_unit_id}", "1234")
            .replace("{user_id}", crate::sandbox_cint::support::MANAGER)
    }
}

impl Stage {
    async fn send(&mut self, name: &str, place: &Place) -> (Value, Reply) {
        let example = fixture(&format!("{name}.json"));
        let mut path = place.path(example["path"].as_str().unwrap());
        assert!(!path.contains('{'), "{name}: {path}");
        let query: Vec<String> = example["query"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(key, value)| {
                let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
                let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                values
                    .iter()
                    .map(|value| format!("{key}={}", text(value).replace(' ', "%20")))
                    .collect::<Vec<_>>()
            })
            // Cursors are a run's own.
            .filter(|pair| !pair.starts_with("start_after"))
            .collect();
        if !query.is_empty() {
            path = format!("{path}?{}", query.join("&"));
        }
        let body = place.body.clone().unwrap_or_else(|| example["body"].clone());
        let method: Method = example["method"].as_str().unwrap().parse().unwrap();
        let tag = place.tag.clone().unwrap_or_default();
        let reply = self.world.call(method, &path, &[("if-match", &tag)], &body).await;
        self.played.insert(name.to_owned());
        (example, reply)
    }

    /// Plays an example, and returns what was answered.
    async fn play(&mut self, name: &str, place: &Place) -> Reply {
        let (example, reply) = self.send(name, place).await;
        self.problems.extend(check(name, &example, &reply));
        reply
    }
}

/// What is not as documented.
fn check(name: &str, example: &Value, reply: &Reply) -> Vec<String> {
    let mut problems = Vec::new();
    let text = &reply.text;
    if example["status"] != reply.status.as_u16() {
        problems.push(format!("{name}: {} {text}", reply.status));
        return problems;
    }
    for header in example["response_headers"].as_array().unwrap() {
        if !reply.headers.contains_key(header.as_str().unwrap()) {
            problems.push(format!("{name}: no {header}"));
        }
    }
    let body = serde_json::from_str(text).unwrap_or(Value::Null);
    let found = differences(&example["response"], &body);
    problems.extend(found.iter().map(|problem| format!("{name}: {problem}")));
    if example["response"].is_null() && !text.is_empty() {
        problems.push(format!("{name}: a body where there is none: {text}"));
    }
    problems
}

#[test]
fn the_index_names_every_file() {
    let index = fixture("INDEX.json");
    let listed: BTreeSet<String> = index["examples"]
        .as_array()
        .unwrap()
        .iter()
        .map(|example| {
            assert!(
                example["source"].is_string() && example["made"].is_string(),
                "{example}"
            );
            example["file"].as_str().unwrap().to_owned()
        })
        .collect();
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cint");
    let mut found: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    found.remove("INDEX.json");
    assert_eq!(listed, found);
}

#[tokio::test]
async fn every_example_is_accepted_or_produced() {
    let mut stage = Stage {
        world: world().await,
        played: BTreeSet::new(),
        problems: Vec::new(),
    };
    let nothing = Place::default();
    access(&mut stage).await;
    for name in [
        "accounts-list-200",
        "account-users-200",
        "user-default-business-unit-200",
        "business-units-200",
        "clients-200",
        "locales-200",
        "industries-200",
        "industry-lockouts-200",
        "countries-200",
        "business-unit-rate-card-200",
        "questions-translation-200",
        "profiles-validate-204",
        "blended-profile-generate-201",
        "feasibility-draft-200",
        "project-create-400",
    ] {
        stage.play(name, &nothing).await;
    }
    let made = stage.play("project-create-202", &nothing).await.with(202);
    let project = format!("{A}/projects/{}", made["id"].as_str().unwrap());
    stage.play("project-get-200", &at(&project)).await;
    stage.play("project-list-200", &nothing).await;
    stage.play("project-overview-200", &at(&project)).await;
    stage
        .play("project-update-200", &at(&project).tagged("W/\"1\""))
        .await;
    drafts(&mut stage, &project).await;
    launched(&mut stage).await;
    runs(&mut stage).await;
    batches(&mut stage).await;
    reconciliations(&mut stage).await;
    // The same estimate when its dates are over.
    stage.world.advance("400d").await;
    stage.world.log_in_again().await;
    stage.play("feasibility-draft-422", &nothing).await;

    let index = fixture("INDEX.json");
    let listed: BTreeSet<String> = index["examples"]
        .as_array()
        .unwrap()
        .iter()
        .map(|example| {
            example["file"]
                .as_str()
                .unwrap()
                .trim_end_matches(".json")
                .to_owned()
        })
        .collect();
    let missed: Vec<_> = listed.difference(&stage.played).collect();
    assert!(missed.is_empty(), "not played: {missed:?}");
    assert!(stage.problems.is_empty(), "{}", stage.problems.join("\n"));
}

/// Tokens and the calls without.
async fn access(stage: &mut Stage) {
    for (name, secret) in [("auth-token-200", "sandbox"), ("auth-token-401", "wrong")] {
        let example = fixture(&format!("{name}.json"));
        let mut body = example["body"].clone();
        body["client_id"] = json!("sandbox");
        body["client_secret"] = json!(secret);
        let request = Request::post("/cint/oauth/token").body(Body::from(body.to_string()));
        let reply = stage.world.send(request.unwrap()).await;
        stage.problems.extend(check(name, &example, &reply));
        stage.played.insert(name.to_owned());
    }
    for (name, header) in [
        ("any-missing-version-header-403", "cint-api-version"),
        ("any-no-token-401", "authorization"),
    ] {
        let path = format!("{A}/projects");
        let reply = stage
            .world
            .call(Method::GET, &path, &[(header, "")], &Value::Null)
            .await;
        let example = fixture(&format!("{name}.json"));
        stage.problems.extend(check(name, &example, &reply));
        assert_eq!(
            reply.with(reply.status.as_u16())["object"],
            example["response"]["object"]
        );
        stage.played.insert(name.to_owned());
    }
}

async fn drafts(stage: &mut Stage, project: &str) {
    stage.world.setting("cint_re_entry_feature", json!(true)).await;
    let place = at(project);
    for name in [
        "target-group-create-minimal-201",
        "target-group-create-nominal-quotas-201",
        "target-group-create-test-supplier-201",
        "target-group-create-400",
    ] {
        stage.play(name, &place).await;
    }
    let made = stage.play("target-group-create-full-201", &place).await.with(201);
    let group = format!("{project}/target-groups/{}", made["id"].as_str().unwrap());
    let place = at(&group);
    stage.play("target-group-draft-update-204", &place).await;
    // The example is in the form of the request, and says business_unit_id as a string where the schema has a number.
    stage
        .world
        .setting("cint_allocations_as_requested", json!(true))
        .await;
    let (mut example, reply) = stage.send("target-group-draft-get-200", &place).await;
    example["response"]["business_unit_id"] = json!(3337);
    // The list of respondents to exclude is deprecated and not kept.
    example["response"]["exclusion"] = json!({"enabled": true});
    stage
        .problems
        .extend(check("target-group-draft-get-200", &example, &reply));
    stage.play("target-group-list-200", &place).await;
    stage.play("target-group-list-last-page-200", &place).await;
    stage.play("target-group-rate-card-predicted-200", &place).await;
    for name in [
        "target-group-details-get-draft-404",
        "target-group-overview-draft-404",
        "fielding-runs-list-empty-200",
        "exclusion-policy-get-200",
        "project-exclusions-get-200",
        "respondent-activity-exclusions-put-204",
        "respondent-activity-exclusions-get-200",
    ] {
        stage.play(name, &place).await;
    }
    let job = stage.play("launch-from-draft-201", &place).await.job();
    let place = place.job(&job);
    stage.play("launch-job-processing-200", &place).await;
    let shown = stage.play("launch-job-completed-200", &place).await.with(200);
    assert_eq!(shown["status"], "Completed", "{shown}");
    let job = stage.play("launch-from-draft-201", &place).await.job();
    stage.world.advance("10s").await;
    let shown = stage
        .play("launch-job-failed-200", &place.clone().job(&job))
        .await
        .with(200);
    assert_eq!(shown["failure_reason"]["code"], "TargetGroupInvalidState");
    stage.play("target-group-draft-get-301-launched", &place).await;
}

async fn launched(stage: &mut Stage) {
    let mut full = fixture("target-group-create-full-201.json")["body"].clone();
    full["client_id"] = json!(1234);
    full["target_group_customer_reference_number"] = json!("DRINKS-TG-1");
    let group = stage.world.live(&full).await;
    let place = at(&group);
    let men = json!({"completes": 15, "prescreens": 20, "quota": "MY-QUOTANAME-FOR-BIRTHGENDER-Q1"});
    stage.world.respondents(id(&group), men).await.with(200);
    for name in [
        "target-group-details-get-200",
        "target-group-details-update-200",
        "target-group-cpi-update-200",
        "target-group-filling-strategy-update-200",
        "target-group-overview-200",
        "target-group-performance-200",
        "target-group-transitions-200",
        "profiles-list-200",
        "completes-goal-update-total-200",
        "manage-profiles-201",
        "manage-profiles-422",
        "fielding-assistant-put-disable-all-204",
    ] {
        let mut place = place.clone();
        if name == "target-group-transitions-200" {
            place = place.with(json!({"included_target_group_ids": [id(&group)]}));
        }
        if name.starts_with("fielding-assistant") {
            place = place.tagged("W/\"1\"");
        }
        stage.play(name, &place).await;
    }
    stage
        .play("fielding-assistant-put-204", &place.clone().tagged("W/\"2\""))
        .await;
    stage.play("fielding-assistant-get-200", &place).await;
    changelog(stage, &place).await;
    let allocation = "allocation-specification-put-204";
    // A group can only be updated under its own number.
    let mut body = fixture(&format!("{allocation}.json"))["body"].clone();
    let first = &mut body["open_exchange_allocations"]["groups"][0];
    first.as_object_mut().unwrap().remove("group_id");
    stage.play(allocation, &place.clone().with(body)).await;
    stage.play("allocation-specification-get-200", &place).await;
    quotas(stage).await;
    let bare = stage.world.live(&plain()).await;
    stage.play("profiles-list-empty-200", &at(&bare)).await;
}

/// The example has the changes of one entry; here they are searched in all of them.
async fn changelog(stage: &mut Stage, place: &Place) {
    let mut body = fixture("target-group-details-update-200.json")["body"].clone();
    body["name"] = json!("Drinkers of coffee");
    body["test_url"] = json!("https://survey.example.com/coffee");
    body["client_cost_per_interview_note"]["value"] = json!("5");
    let path = format!("{}/details", place.group);
    stage.world.put(&path, &body).await.with(200);
    let (example, reply) = stage.send("target-group-changelog-200", place).await;
    let body = reply.with(200);
    let documented = &example["response"]["changelog"][0];
    let entries = body["changelog"].as_array().unwrap();
    for entry in entries {
        let mut like = documented.clone();
        like["changes"] = json!([]);
        stage.problems.extend(differences(&like, entry));
    }
    let changes: Vec<&Value> = entries
        .iter()
        .flat_map(|entry| entry["changes"].as_array().unwrap())
        .collect();
    for documented in documented["changes"].as_array().unwrap() {
        let actual = changes
            .iter()
            .find(|change| change["object"] == documented["object"]);
        stage.problems.extend(differences(documented, actual.unwrap()));
    }
    assert_eq!(body["next_cursor"], "");
}

/// Quotas by the ids of a run.
async fn quotas(stage: &mut Stage) {
    let body = with_profiles("percentage", &[genders(&share(50.0), &share(50.0))]);
    let group = stage.world.live(&body).await;
    let place = at(&group);
    let listed = stage.world.get(&format!("{group}/profiles")).await.with(200);
    let profile = &listed["profiles"][0];
    let ids = |count: u64| {
        json!([{"profile_id": profile["id"], "targets": [
            {"id": profile["targets"][0]["id"], "quota": {"completes_goal": count}},
            {"id": profile["targets"][1]["id"], "quota": {"completes_goal": 150 - 45}},
        ]}])
    };
    let both = json!({"completes_goal": 150, "profiles": ids(45)});
    stage
        .play("completes-goal-update-both-200", &place.clone().with(both))
        .await;
    let wrong = json!({"completes_goal": 150, "profiles": ids(450)});
    let name = "completes-goal-update-422";
    let (mut example, reply) = stage.send(name, &place.clone().with(wrong)).await;
    // Which profile is wrong is optional, and not said here.
    let metadata = &mut example["response"]["invalid_params"][0]["metadata"];
    metadata.as_object_mut().unwrap().remove("profile_id");
    stage.problems.extend(check(name, &example, &reply));
    let delete = json!({"profile_ids": [profile["id"]]});
    stage.play("profiles-delete-204", &place.with(delete)).await;
}

async fn runs(stage: &mut Stage) {
    let project = stage.world.project().await;
    let group = stage.world.draft(&project, &plain()).await;
    let job = stage.play("schedule-from-draft-201", &at(&group)).await.job();
    let path = format!("{group}/fielding-run-jobs/schedule-from-draft/{job}");
    while stage.world.get(&path).await.with(200)["status"] == "Processing" {}
    let place = at(&group);
    stage.play("fielding-runs-list-200", &place).await;
    stage.play("fielding-run-get-200", &place).await;
    stage
        .play("fielding-run-update-412", &place.clone().tagged("W/\"4\""))
        .await;
    stage
        .play("fielding-run-update-202", &place.clone().tagged("W/\"1\""))
        .await;
    stage
        .play("fielding-run-launch-now-200", &place.clone().tagged("W/\"2\""))
        .await;
    stage
        .play("fielding-run-resume-422", &place.clone().tagged("W/\"3\""))
        .await;
    stage
        .play("fielding-run-pause-412", &place.clone().tagged("W/\"2\""))
        .await;
    stage
        .play("fielding-run-pause-204", &place.clone().tagged("W/\"3\""))
        .await;
    stage
        .play("fielding-run-complete-422", &place.clone().tagged("W/\"4\""))
        .await;
    stage.world.act(&group, "resume").await.with(204);
    stage
        .play("fielding-run-complete-204", &place.clone().tagged("W/\"5\""))
        .await;
    stage
        .play("fielding-run-relaunch-204", &place.clone().tagged("W/\"6\""))
        .await;

    // A start that has become the past.
    let late = stage
        .world
        .draft(&project, &plain_with(&json!({"name": "Too late"})))
        .await;
    let body =
        json!({"start_fielding_at": "2024-06-01T00:00:00Z", "end_fielding_at": "2024-09-01T00:00:00Z"});
    let path = format!("{late}/fielding-run-jobs/schedule-from-draft");
    let job = stage.world.post(&path, &body).await.job();
    stage.world.advance("10s").await;
    let shown = stage
        .play("schedule-job-failed-200", &at(&late).job(&job))
        .await
        .with(200);
    assert_eq!(shown["failure_reason"]["code"], "InvalidFieldingDates");
}

async fn batches(stage: &mut Stage) {
    let group = stage.world.live(&plain()).await;
    let (project, one) = group.split_once("/target-groups/").unwrap();
    let unknown = "01FXTRCNT00000000000009999";
    let mut place = at(&group);
    place.group = group.clone();
    place.body = Some(json!({"target_group_ids": [one, unknown]}));
    for name in [
        "batch-pause-201",
        "batch-complete-201",
        "batch-relaunch-201",
        "batch-launch-201",
    ] {
        let job = stage.play(name, &place).await.job();
        if name == "batch-launch-201" {
            let place = at(project).job(&job);
            stage
                .world
                .get(&place.path(fixture("batch-launch-job-200.json")["path"].as_str().unwrap()))
                .await;
            stage.play("batch-launch-job-200", &place).await;
        }
    }
    place.body = Some(
        json!({"project_manager_id": crate::sandbox_cint::support::MANAGER, "target_group_ids": [one, unknown]}),
    );
    let job = stage.play("batch-project-manager-201", &place).await.job();
    let place = at(project).job(&job);
    stage
        .play("batch-project-manager-job-processing-200", &place)
        .await;
    let (mut example, reply) = stage
        .send("batch-project-manager-job-completed-200", &place)
        .await;
    // The name of a target group that is not there is not known either.
    let failed = &mut example["response"]["failed_target_groups"]["data"][0];
    failed.as_object_mut().unwrap().remove("target_group_name");
    stage
        .problems
        .extend(check("batch-project-manager-job-completed-200", &example, &reply));
}

async fn reconciliations(stage: &mut Stage) {
    let group = stage.world.live(&plain()).await;
    let nothing = Place::default();
    let name = "reconciliation-submit-202";
    let example = fixture(&format!("{name}.json"));
    let text = example["body"].as_str().unwrap();
    let rids: Vec<&str> = text.lines().map(|line| line.split(',').next().unwrap()).collect();
    let rids: Vec<Value> = rids.iter().map(|rid| json!({"transaction_id": rid})).collect();
    let body = json!({"vendor": "cint", "group": id(&group), "transactions": rids});
    stage.world.admin("/transactions", &body).await.with(200);
    let reply = stage
        .world
        .csv(&format!("{A}/reconciliations?name=drinks.csv"), text)
        .await;
    stage.problems.extend(check(name, &example, &reply));
    stage.played.insert(name.to_owned());
    let request = reply.with(202)["request_id"].as_str().unwrap().to_owned();
    for name in [
        "reconciliation-get-200",
        "reconciliation-target-groups-200",
        "reconciliation-list-200",
        "reconciliation-reason-codes-200",
        "reconciliation-eligible-target-groups-200",
    ] {
        let mut place = nothing.clone();
        request.clone_into(&mut place.request);
        let (mut example, reply) = stage.send(name, &place).await;
        if name.contains("eligible") {
            // Nothing was reconciled before.
            let first = &mut example["response"]["target_groups"][0];
            first.as_object_mut().unwrap().remove("last_reconciliation_date");
        }
        stage.problems.extend(check(name, &example, &reply));
    }
}
