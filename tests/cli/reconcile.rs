//! Outcomes of transactions: from a spreadsheet to the vendor, once.

use crate::support::{Project, Sandbox, eventually, survey};
use serde_json::{Value, json};
use std::process::Stdio;

const LIST: &str = "\u{feff}transaction_id,outcome,reason\r\nopen,complete,\r\ngood,reject,\"Fraud, suspected\"\r\n\
                    taken,complete,\r\nfine,complete,\r\n";

/// A survey in field with transactions in several states.
pub(super) fn fielded(sandbox: &Sandbox, guards: &str) -> Project {
    let project = Project::empty().with_guards(sandbox, guards);
    project.write("soda.yaml", &survey("soda", ""));
    project.apply();
    let item = |id: &str, status: u64| json!({"transaction_id": id, "status": status, "count": true});
    sandbox.admin(
        "POST",
        "transactions",
        json!({"vendor": "purespectrum", "survey": 1_000_001, "transactions": [
            item("open", 16), item("good", 21), item("taken", 33), item("fine", 21), item("gone", 18),
        ]}),
    );
    sandbox.forget();
    project
}

fn status(sandbox: &Sandbox, id: &str) -> u64 {
    let path = format!("/purespectrum/buyers/v3/surveys/1000001/transactions/{id}");
    let (status, body) = sandbox.http("GET", &path, &Value::Null);
    assert_eq!(status, 200, "{body}");
    body[0]["Respondent Status Code"].as_u64().unwrap()
}

const YES: [&str; 3] = ["--yes", "--allow", "reconcile"];

#[test]
fn a_list_is_planned_approved_carried_out_and_done() {
    let sandbox = Sandbox::start();
    let project = fielded(&sandbox, "{}");
    project.write("rejects.csv", LIST);
    let list = ["reconcile", "rejects.csv", "--survey", "soda"];
    project
        .ok(&[&list[..], &["--plan", "--show-calls"]].concat())
        .says("1  Complete (21) → reject  by live reconciliation")
        .says("1  Buyer_side_In_Progress (16) → complete  by transaction status call")
        .says("3 to change, 1 as wanted already; 3 calls.")
        .says("5.00 USD for new completes, 2.50 USD taken back, +2.50 USD on the bill.")
        .says("POST /surveys/1000001/transactions/open/status?st=21");
    assert!(sandbox.writes().is_empty(), "a plan sends nothing");
    project.run(&list).code(3).says("there is no terminal to ask on");
    project
        .run(&[&list[..], &["--yes"]].concat())
        .code(3)
        .says("it needs the approval `reconcile`");
    assert!(sandbox.writes().is_empty());
    project
        .ok(&[&list[..], &YES].concat())
        .says("Reconciled: 3 changed, 1 as they were wanted.")
        .says("the results of every transaction are in rejects.result.csv");
    assert_eq!(
        project.read("rejects.result.csv"),
        "id,wanted,was,result,message\n\
         open,complete,Buyer_side_In_Progress (16),changed,by transaction status call\n\
         good,reject,Complete (21),changed,by live reconciliation\n\
         taken,complete,Buyer_Reconciliation_Reject (33),changed,by live reconciliation\n\
         fine,complete,Complete (21),unchanged,it was so before\n"
    );
    let states = ["open", "good", "taken", "fine", "gone"].map(|id| status(&sandbox, id));
    assert_eq!(states, [21, 33, 21, 21, 18]);
    sandbox.forget();
    project
        .ok(&[&list[..], &YES].concat())
        .says("Nothing to do: 4 confirmed by an earlier apply.");
    assert_eq!(sandbox.log(), Vec::<Value>::new(), "neither written nor read");
    assert!(
        project
            .read("rejects.result.csv")
            .contains("good,reject,Complete (21),unchanged,confirmed")
    );
}

#[test]
fn a_manifest_goes_the_same_way() {
    let sandbox = Sandbox::start();
    let project = fielded(&sandbox, "{}");
    project.write("november/rejects.csv", LIST);
    project.write(
        "november/november.yaml",
        "kind: Reconciliation\nname: november\nsurvey: soda\nfile: rejects.csv\n",
    );
    project.write(
        "single.yaml",
        "kind: Reconciliation\nname: single\nvendor: purespectrum\nsurvey: 1000001\ntransactions:\n  \
         - {transaction_id: gone, outcome: complete}\n",
    );
    let run = project.run(&["plan", "--detailed-exitcode"]).code(2);
    let run = run.says("Reconciliation november: 4 transactions in november/rejects.csv");
    run.says("1  Buyer_Termination (18) → complete  by live reconciliation");
    let plan = project.plan();
    let lists = plan["reconciliations"].as_array().unwrap();
    assert_eq!(lists.len(), 2);
    assert_eq!(lists[0]["format"], "infield.reconciliation/1");
    assert_eq!(lists[0]["summary"]["change"], 3);
    assert_eq!(lists[0]["money"][0]["change"], "2.50");
    project
        .ok(&["plan", "--format", "markdown"])
        .says("### Reconciliation november");
    // A hash approves one list and no other.
    let hash = lists[0]["hash"].as_str().unwrap();
    project
        .run(&["apply", "--approve", hash])
        .code(4)
        .says("which was not approved");
    assert_eq!(status(&sandbox, "good"), 33);
    assert_eq!(status(&sandbox, "gone"), 18);
    // Guards are asked for by name, and one list can be picked.
    project
        .run(&["apply", "--yes"])
        .code(3)
        .says("approval `reconcile`");
    project.ok(&["apply", "--yes", "--allow", "reconcile", "--target", "single"]);
    assert_eq!(status(&sandbox, "gone"), 21);
    assert!(project.exists("november/rejects.result.csv"));
    assert!(project.exists("single.single.result.csv"));
    project.expect_settled();
    let events = project.ok(&["apply", "--yes", "--format", "json"]).events();
    let last = events.last().unwrap();
    assert_eq!(last["format"], "infield.reconciliation/1");
    assert_eq!(last["result"]["unchanged"], 1);
}

#[test]
fn what_is_wrong_with_a_list_is_told_with_line_and_column_and_nothing_is_sent() {
    let sandbox = Sandbox::start();
    let project = fielded(&sandbox, "{}");
    let refused = |list: &str, says: &[&str]| {
        project.write("list.csv", list);
        let run = project.run(&[&["reconcile", "list.csv", "--survey", "soda"][..], &YES].concat());
        let mut run = run.code(1);
        for text in says {
            run = run.says(text);
        }
    };
    refused("", &["outcome::empty", "there is no transaction"]);
    refused(
        "transaction_id,outcome\ngood,regect\n",
        &["outcome::unknown", "list.csv:2:6", "did you mean `reject`?"],
    );
    refused(
        "transaction_id,outcome\ngood,reject\nopen,complete\ngood,reject\n",
        &["outcome::duplicate", "list.csv:4:1"],
    );
    refused(
        "transaction_id,outcome\ngood,reject\ngood,complete\n",
        &["outcome::contradiction", "`reject` and `complete`"],
    );
    refused(
        "transaction_id,outcome\ngood,reject\nelsewhere,reject\n",
        &[
            "outcome::other-survey",
            "list.csv:3:1",
            "the vendor has no transaction elsewhere",
        ],
    );
    refused("good,reject\n", &["begin with a line"]);
    project
        .run(&["reconcile", "list.csv", "--survey", "tea"])
        .code(1)
        .says("begin with a line");
    project.write("list.csv", LIST);
    project
        .run(&["reconcile", "list.csv", "--survey", "tea"])
        .code(1)
        .says("the state knows no survey `tea`");
    project
        .run(&["reconcile", "list.csv", "--survey", "1000001"])
        .code(1)
        .says("--vendor");
    project
        .run(&["reconcile", "list.csv"])
        .code(1)
        .says("of which survey?");
    project
        .run(&["reconcile", "none.csv", "--survey", "soda"])
        .code(1)
        .says("none.csv cannot be read");
    project
        .run(&["reconcile", "soda.yaml", "--survey", "soda"])
        .code(64)
        .says("is a manifest");
    assert!(sandbox.writes().is_empty());
}

#[test]
fn a_lost_answer_is_looked_up_and_not_sent_again() {
    let sandbox = Sandbox::start();
    let project = fielded(&sandbox, "{reconcile: allow}");
    project.write("rejects.csv", LIST);
    for path in ["/transactions/open/status", "/adjustments"] {
        sandbox.fault(
            json!({"method": "POST", "path": format!("*{path}*"), "times": 1, "drop_after_commit": true}),
        );
    }
    project
        .ok(&["reconcile", "rejects.csv", "--survey", "soda", "--yes"])
        .says("Reconciled: 3 changed");
    assert_eq!(sandbox.writes().len(), 3);
    assert!(
        project
            .read("rejects.result.csv")
            .contains("the answer was lost; looked up, it is as wanted")
    );
}

#[test]
fn a_denied_guard_and_a_missing_account_stop_it() {
    let sandbox = Sandbox::start();
    let project = fielded(&sandbox, "{reconcile: deny}");
    project.write("rejects.csv", LIST);
    project
        .run(&[&["reconcile", "rejects.csv", "--survey", "soda"][..], &YES].concat())
        .code(3)
        .says("the guard `reconcile` of `bench` denies it");
    assert!(sandbox.writes().is_empty());
    project.write(
        "other.yaml",
        "kind: Reconciliation\nname: other\nvendor: innovatemr\nsurvey: 7\nfile: rejects.csv\n",
    );
    project.run(&["validate"]).code(1).says("outcome::vendor");
}

const ACCEPTED: &str = "transaction_id\ngood\n";

#[test]
fn the_accept_list_needs_its_own_command_guard_and_number() {
    let sandbox = Sandbox::start();
    let project = fielded(&sandbox, "{}");
    project.write("accepted.csv", ACCEPTED);
    let list = ["accept-list", "accepted.csv", "--survey", "soda"];
    project
        .run(&list)
        .code(3)
        .says("1 of 2 completes are not, and would be rejected")
        .says("--yes --allow accept-list --rejects 1");
    project
        .run(&[&list[..], &["--yes", "--allow", "accept-list"]].concat())
        .code(64)
        .says("--rejects");
    let with = |guard: &str, rejects: &str| {
        project.run(&[&list[..], &["--yes", "--allow", guard, "--rejects", rejects]].concat())
    };
    with("reconcile", "1").code(3).says("approval `accept-list`");
    with("accept-list", "0")
        .code(3)
        .says("1 completes would be rejected, not 0");
    assert!(sandbox.writes().is_empty());
    with("accept-list", "1")
        .code(0)
        .says("Accepted 1 completes of survey 1000001");
    assert_eq!(status(&sandbox, "good"), 21);
    assert_eq!(status(&sandbox, "fine"), 33);
    let paths: Vec<Value> = sandbox.writes().iter().map(|call| call["path"].clone()).collect();
    assert_eq!(paths, ["/adjustments/surveys/1000001"]);
}

#[test]
fn a_list_of_rejects_is_never_taken_for_one_of_accepted_completes() {
    let sandbox = Sandbox::start();
    let project = fielded(&sandbox, "{accept-list: allow}");
    let run = |list: &str| {
        project.write("accepted.csv", list);
        project.run(&[
            "accept-list",
            "accepted.csv",
            "--survey",
            "soda",
            "--yes",
            "--rejects",
            "1",
        ])
    };
    run("transaction_id,outcome\ngood,reject\n")
        .code(1)
        .says("names accepted completes only");
    run("transaction_id,outcme\ngood,reject\n")
        .code(1)
        .says("did you mean `outcome`?");
    run("transaction_id\ngood\nelsewhere\n")
        .code(1)
        .says("has no transaction elsewhere");
    run("transaction_id\n").code(1).says("there is no transaction");
    assert!(sandbox.writes().is_empty());
    let project = fielded(&Sandbox::start(), "{accept-list: deny}");
    project.write("accepted.csv", ACCEPTED);
}

/// Whatever `apply` and `reconcile` are given, what reaches the vendor names what it changes.
#[test]
fn no_other_command_reaches_the_accept_list() {
    let sandbox = Sandbox::start();
    let project = fielded(
        &sandbox,
        "{launch: allow, close: allow, reconcile: allow, accept-list: allow}",
    );
    project.write("rejects.csv", LIST);
    project.write(
        "empty-reason.csv",
        "transaction_id,outcome,reason,survey,quota_ids\nfine,reject,,,\n",
    );
    project.write(
        "n.yaml",
        "kind: Reconciliation\nname: n\nsurvey: soda\nfile: rejects.csv\n",
    );
    project.run(&[
        "reconcile",
        "rejects.csv",
        "--survey",
        "soda",
        "--yes",
        "--allow",
        "accept-list",
    ]);
    project.run(&[
        "reconcile",
        "empty-reason.csv",
        "--survey",
        "soda",
        "--yes",
        "--allow",
        "accept-list",
    ]);
    project.run(&["apply", "--yes", "--allow", "accept-list,reconcile"]);
    let writes = sandbox.writes();
    let adjustments: Vec<&str> = writes
        .iter()
        .filter_map(|call| call["path"].as_str())
        .filter(|path| path.contains("adjustments"))
        .collect();
    assert!(adjustments.len() >= 3, "{writes:?}");
    for call in sandbox
        .log()
        .iter()
        .filter(|call| call["path"].to_string().contains("adjustments"))
    {
        assert!(call.to_string().contains("LIVE_RECONCILIATION"), "{call}");
    }
    assert_eq!(status(&sandbox, "gone"), 18);
}

/// Cint's example in field at a standalone sandbox, without the pace that infield keeps at Cint.
fn at_cint(sandbox: &Sandbox) -> Project {
    let project = Project::example("cint").with(sandbox);
    let url = format!("http://127.0.0.1:{}/cint", sandbox.port);
    project.write(
        "infield.yaml",
        &format!(
            "kind: Project\nname: test\nenvironments:\n  bench:\n    cint: {{base_url: \"{url}/v1\", auth_url: \
             \"{url}/oauth/token\", account_id: 1, client_id: sandbox, client_secret: sandbox, \
             requests_per_second: 10000}}\n"
        ),
    );
    project.apply();
    let state = project.ok(&["state", "show", "brand-tracker/us-adults"]);
    let group = state.json()["id"].as_str().unwrap().to_owned();
    let item = |id: &str, expired: bool| json!({"transaction_id": id, "expired": expired});
    sandbox.admin(
        "POST",
        "transactions",
        json!({"vendor": "cint", "group": group, "transactions": [
            item("R1-A", false), item("R2-B", false), item("R3-C", true),
        ]}),
    );
    sandbox.forget();
    project
}

const CINT_LIST: &str = "transaction_id,outcome,reason\nR1-A,reject,Speeder\nR2-B,reject,932\nR3-C,reject,\n\
                         R4-D,reject,930\n";

fn uploads(sandbox: &Sandbox) -> Vec<Value> {
    let log = sandbox.log().into_iter();
    log.filter(|call| call["method"] == "POST" && call["path"].to_string().contains("/reconciliations"))
        .collect()
}

#[test]
fn cint_gets_one_upload_and_names_who_was_too_late() {
    let sandbox = Sandbox::start();
    // At its second look, as by default: an upload is followed to its end.
    let project = at_cint(&sandbox);
    project.write("rejects.csv", CINT_LIST);
    let list = ["reconcile", "rejects.csv", "--survey", "brand-tracker"];
    project
        .ok(&[&list[..], &["--plan"]].concat())
        .says("4  not shown by the vendor → reject  by reconciliation upload")
        .says("Plan")
        .says("the vendor does not say what 4 transactions cost")
        .says("until the end of the 25th of the month after it");
    assert_eq!(uploads(&sandbox).len(), 0);
    project
        .run(&[&list[..], &YES].concat())
        .code(3)
        .says("refused: R3-C: it came too late: the vendor says it is expired")
        .says("refused: R4-D: the vendor says it is invalid")
        .says("submitted 4, expired 1, invalid 1")
        .says("target group")
        .says("2 changed, 2 refused");
    assert_eq!(uploads(&sandbox).len(), 1);
    assert!(
        project
            .read("rejects.result.csv")
            .contains("R1-A,reject,,changed,by reconciliation upload")
    );
    sandbox.forget();
    // What was confirmed is not asked for again; what was refused is known from the finished list.
    project
        .run(&[&list[..], &YES].concat())
        .code(3)
        .says("Nothing to do: 2 confirmed by an earlier apply, 2 that cannot be changed.");
    assert_eq!(uploads(&sandbox).len(), 0);
}

#[test]
fn cint_may_take_its_time_and_an_upload_is_never_made_twice() {
    let sandbox = Sandbox::start();
    // The first run looks six times, and each further one once.
    sandbox.admin("POST", "settings", json!({"cint_reconciliation_ends_at_read": 8}));
    let project = at_cint(&sandbox);
    project.write(
        "rejects.csv",
        "transaction_id,outcome\nR1-A,reject\nR2-B,reject\n",
    );
    let list = [
        &["reconcile", "rejects.csv", "--survey", "brand-tracker"][..],
        &YES,
    ]
    .concat();
    // The answer to the first try is lost; the second one has the same key.
    sandbox.fault(json!({"method": "POST", "path": "*/reconciliations", "drop_after_commit": true}));
    project.run(&list).code(4).says("2 pending");
    let sent = uploads(&sandbox);
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0]["path"], sent[1]["path"]);
    sandbox.forget();
    project
        .run(&list)
        .code(4)
        .says("2 in a list that the vendor still works through");
    project.ok(&list).says("2 confirmed by an earlier apply");
    assert_eq!(uploads(&sandbox).len(), 0);
    let log = sandbox.log();
    let requests: std::collections::BTreeSet<String> = log
        .iter()
        .filter_map(|call| call["path"].as_str())
        .filter_map(|path| {
            path.split("/reconciliations/")
                .nth(1)?
                .split('/')
                .next()
                .map(str::to_owned)
        })
        .collect();
    assert_eq!(requests.len(), 1, "one upload at the vendor: {requests:?}");
}

#[test]
fn cint_takes_its_own_reasons_only() {
    let sandbox = Sandbox::start();
    let project = at_cint(&sandbox);
    project.write(
        "rejects.csv",
        "transaction_id,outcome,reason\nR1-A,reject,Suspected Fraud\nR2-B,dedupe,\n",
    );
    project
        .run(
            &[
                &["reconcile", "rejects.csv", "--survey", "brand-tracker"][..],
                &YES,
            ]
            .concat(),
        )
        .code(3)
        .says("Cint takes no reason `Suspected Fraud`; there are 26 No Reason Provided")
        .says("Cint reconciles to `complete` and `reject` only");
    assert_eq!(uploads(&sandbox).len(), 0);
}

#[test]
fn cint_terminates_what_is_not_on_the_list_to_keep() {
    let sandbox = Sandbox::start();
    sandbox.admin("POST", "settings", json!({"cint_reconciliation_ends_at_read": 4}));
    let project = at_cint(&sandbox);
    let state = project.ok(&["state", "show", "brand-tracker/us-adults"]).json();
    sandbox.admin(
        "POST",
        "respondents",
        json!({"vendor": "cint", "group": state["id"], "completes": 3}),
    );
    project.write("accepted.csv", "transaction_id\nR1-A\n");
    let list = [
        "accept-list",
        "accepted.csv",
        "--survey",
        "brand-tracker",
        "--yes",
        "--allow",
        "accept-list",
    ];
    let with = |rejects: &str| project.run(&[&list[..], &["--rejects", rejects]].concat());
    with("1").code(3).says("2 completes would be rejected, not 1");
    assert_eq!(uploads(&sandbox).len(), 0);
    with("2")
        .code(0)
        .says("Accepted 1 completes")
        .says("negative reversed 1");
    let sent = uploads(&sandbox);
    assert_eq!(sent.len(), 1);
    assert!(
        sent[0]["path"]
            .as_str()
            .unwrap()
            .contains("/reconciliations/completes")
    );
}

/// Starts a run, waits until the vendor has this call, and kills the program.
fn kill_at(project: &Project, sandbox: &Sandbox, args: &[&str], method: &str, path_end: &str) {
    let mut child = project
        .command(args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    eventually(path_end, || {
        let log = sandbox.log();
        let there = log.iter().any(|call| {
            let path = call["path"].as_str().unwrap_or_default();
            call["method"] == method && path.split('?').next().unwrap_or_default().ends_with(path_end)
        });
        there.then_some(())
    });
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_killed_run_is_taken_up_where_it_was() {
    let sandbox = Sandbox::start();
    let project = fielded(&sandbox, "{reconcile: allow}");
    project.write("rejects.csv", LIST);
    let list = ["reconcile", "rejects.csv", "--survey", "soda", "--yes"];
    // The first list is carried out, and its answer never comes.
    sandbox.fault(json!({"method": "POST", "path": "*/adjustments/*", "delay_ms": 3_600_000}));
    kill_at(&project, &sandbox, &list, "POST", "/adjustments/surveys/1000001");
    sandbox.admin("DELETE", "faults", Value::Null);
    sandbox.forget();
    project.ok(&list);
    let calls: Vec<Value> = sandbox
        .writes()
        .into_iter()
        .map(|call| call["path"].clone())
        .collect();
    assert!(
        !calls
            .iter()
            .any(|path| path.to_string().contains("/transactions/open/")),
        "{calls:?}"
    );
    let states = ["open", "good", "taken", "fine", "gone"].map(|id| status(&sandbox, id));
    assert_eq!(states, [21, 33, 21, 21, 18]);
    let performance = sandbox.by_hand("GET", "/surveys/1000001/performance", Value::Null);
    assert_eq!(performance["completes_fielded"], 3, "each counted once");
}

#[test]
fn an_upload_of_a_killed_run_is_followed_and_not_repeated() {
    let sandbox = Sandbox::start();
    sandbox.admin("POST", "settings", json!({"cint_reconciliation_ends_at_read": 1}));
    let project = at_cint(&sandbox);
    project.write("rejects.csv", "transaction_id,outcome\nR1-A,reject\n");
    let list = [
        &["reconcile", "rejects.csv", "--survey", "brand-tracker"][..],
        &YES,
    ]
    .concat();
    sandbox.fault(json!({"method": "POST", "path": "*/reconciliations", "delay_ms": 3_600_000}));
    kill_at(&project, &sandbox, &list, "POST", "/reconciliations");
    sandbox.admin("DELETE", "faults", Value::Null);
    project.ok(&list).says("1 changed");
    // A ledger that is lost, or was never written, leads to the same upload and to no other one.
    std::fs::remove_dir_all(project.folder().join(".infield/bench/reconciled")).unwrap();
    project.ok(&list).says("1 changed");
    let uploads = uploads(&sandbox);
    assert!(uploads.len() >= 2);
    let names: std::collections::BTreeSet<String> =
        uploads.iter().map(|call| call["path"].to_string()).collect();
    assert_eq!(names.len(), 1, "{names:?}");
    let log = sandbox.log();
    let requests: std::collections::BTreeSet<String> = log
        .iter()
        .filter_map(|call| {
            call["path"]
                .as_str()?
                .split("/reconciliations/")
                .nth(1)?
                .split('/')
                .next()
                .map(str::to_owned)
        })
        .collect();
    assert_eq!(requests.len(), 1, "one upload at the vendor: {requests:?}");
}
