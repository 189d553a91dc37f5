//! Kills at moments that nobody chose, several in a row, at every vendor. A few run always, and they come at requests; by hand
//! as many as one likes, at any time:
//!
//! ```sh
//! KILLS=200 cargo test --test cli kill::random -- --nocapture
//! ```

#[path = "../../simulation/random.rs"]
#[expect(dead_code, reason = "the simulation needs more of it")]
pub(super) mod chance;

use super::proxy::Moment;
use super::{Bench, stderr};
use chance::Random;
use serde_json::Value;
use std::time::{Duration, Instant};

/// Kills at each vendor unless the variable says otherwise.
const KILLS: usize = 3;

/// What was met.
#[derive(Debug, Default)]
struct Met {
    /// Applies that were killed.
    kills: usize,
    /// Applies that were through before they could be killed.
    through: usize,
    /// Projects that were brought to their end.
    worlds: usize,
    /// Lost creates that were found and taken over.
    adopted: usize,
    /// Lost creates that were not carried out.
    not_made: usize,
    /// Times that a person was asked.
    asked: usize,
}

impl Met {
    fn read(&mut self, said: &str) {
        self.adopted += said.matches("it is taken over").count();
        self.not_made += said
            .matches("the create that lost its answer was not carried out")
            .count();
    }
}

impl Bench {
    /// What the vendor has, in lists, without what differs from run to run.
    fn picture(&self) -> Value {
        match self.example {
            "cint" => self.projects(),
            "innovatemr" => self.jobs(),
            _ => Value::from(vec![Value::from(self.surveys())]),
        }
    }

    /// Expects that nothing is there twice, and nothing in field that was not approved as it is.
    fn expect_no_more_than(&self, wanted: &Value, context: &str) {
        let now = self.picture();
        let lists = now.as_array().unwrap().iter().zip(wanted.as_array().unwrap());
        for (now, wanted) in lists {
            let (now, wanted) = (now.as_array().unwrap(), wanted.as_array().unwrap());
            assert!(now.len() <= wanted.len(), "{context}: {now:#?}");
            for one in now {
                let is_in_field = match self.example {
                    "cint" => one[4] == true,
                    "innovatemr" => !one[2].is_null() && one[2] == wanted[0][2],
                    _ => one["status"] == 22,
                };
                assert!(!is_in_field || wanted.contains(one), "{context}: {one:#}");
            }
        }
    }

    fn kill_at_random(&mut self, seed: u64) {
        let by_hand: Option<usize> = std::env::var("KILLS").ok().map(|kills| kills.parse().unwrap());
        let mut random = Random::new(seed);
        let project = self.project();
        let began = Instant::now();
        let (code, requests, _) = self.apply(&project, None);
        let whole = u64::try_from(began.elapsed().as_micros()).unwrap();
        assert_eq!(code, Some(0), "{}", stderr(&project));
        let wanted = self.picture();
        let mut met = Met::default();
        while met.kills < by_hand.unwrap_or(KILLS) {
            let project = self.project();
            let mut moments = Vec::new();
            for _ in 0..random.between(1, 3) {
                let number = usize::try_from(random.next()).unwrap_or_default() % requests;
                let after = Duration::from_micros(random.between(0, whole));
                let at_requests = [
                    Moment::Before(number),
                    Moment::After(number),
                    Moment::Relayed(number),
                ];
                let moment = match random.between(0, 1) {
                    1 if by_hand.is_some() => Moment::At(after),
                    _ => *random.pick(&at_requests),
                };
                moments.push(moment);
                let context = format!("killed {moments:?}");
                let (code, _, killed) = self.apply(&project, Some(moment));
                let said = stderr(&project);
                met.read(&said);
                self.expect_no_more_than(&wanted, &format!("{context}: {said}"));
                if !killed {
                    assert!(matches!(code, Some(0 | 3)), "{context}: {said}");
                    met.through += 1;
                    break;
                }
                met.kills += 1;
            }
            let context = format!("killed {moments:?}");
            let (mut code, _, _) = self.apply(&project, None);
            met.read(&stderr(&project));
            if code == Some(3) && self.example == "innovatemr" {
                met.asked += self.look_and_settle(&project);
                (code, _, _) = self.apply(&project, None);
            }
            assert_eq!(code, Some(0), "{context}: {}", stderr(&project));
            assert_eq!(self.picture(), wanted, "{context}: {}", stderr(&project));
            met.worlds += 1;
            std::fs::remove_dir_all(project).unwrap();
        }
        println!("{}: {met:?}", self.example);
    }
}

#[test]
fn surveys_at_purespectrum_are_made_once() {
    Bench::start().kill_at_random(1);
}

#[test]
fn jobs_at_innovatemr_are_made_once() {
    Bench::of("innovatemr").kill_at_random(2);
}

#[test]
fn projects_at_cint_are_made_once() {
    Bench::of("cint").kill_at_random(3);
}
