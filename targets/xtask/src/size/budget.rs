//! The budget: figures that must not grow.

use std::fs;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use super::figures::{All, Figures};
use crate::workspace;

const FILE: &str = "budget.toml";
const HEADER: &str = "\
# What the probes may cost at most, in bytes and instructions, built with this toolchain.
# `cargo xtask size` fails when a figure is over; `cargo xtask size --update` lowers the figures, and never raises one.
# To move to another toolchain, or to spend more on purpose, edit this file and say why in the commit.
";

/// The checked-in budget.
#[derive(Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// The version that the compiler reports.
    toolchain: String,
    #[serde(default)]
    pub figures: All,
}

impl Budget {
    pub fn read() -> Result<Self> {
        let path = workspace::own(FILE);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("{FILE} is not a budget"))
    }

    pub fn write(&self) -> Result<()> {
        let path = workspace::own(FILE);
        fs::write(&path, format!("{HEADER}{}", toml::to_string(self)?))
            .with_context(|| format!("cannot write {}", path.display()))
    }

    /// Returns whether the budget is for this compiler.
    pub fn is_of(&self, compiler: &str) -> bool {
        self.toolchain == compiler
    }

    /// Returns an error if the budget is for another compiler: its figures cannot be compared.
    pub fn require_toolchain(&self, compiler: &str) -> Result<()> {
        ensure!(
            self.is_of(compiler),
            "the budget is for {:?} and this compiler is {compiler:?}; install that one, or, to move the budget here, \
             write this name into {FILE}, delete its figures and run `cargo xtask size --update`",
            self.toolchain
        );
        Ok(())
    }

    /// Returns the budget raised by `percent`, for the figures of another compiler.
    pub fn widened(&self, percent: u64) -> Self {
        let wider = |figures: &Figures| {
            figures.iter().map(|(name, limit)| (name.clone(), limit + limit * percent / 100)).collect()
        };
        let figures = self.figures.iter().map(|(probe, figures)| (probe.clone(), wider(figures))).collect();
        Self { toolchain: self.toolchain.clone(), figures }
    }

    /// Returns the differences between figures and budget.
    pub fn problems(&self, figures: &All) -> Vec<String> {
        let mut problems = self.over(figures);
        for (probe, name, _) in each(figures) {
            if self.limit(probe, name).is_none() {
                problems.push(format!(
                    "{probe}: {name} has no budget; `cargo xtask size --update` gives it today's figure"
                ));
            }
        }
        problems
    }

    /// Lowers every limit to its figure and adds missing figures, unless one exceeds its limit.
    pub fn lower(&mut self, figures: &All) -> Vec<String> {
        let problems = self.over(figures);
        if problems.is_empty() {
            self.figures.clone_from(figures);
        }
        problems
    }

    /// Returns figures over their limit, and limits without a figure: a probe that is no longer measured must not pass.
    fn over(&self, figures: &All) -> Vec<String> {
        let mut problems = Vec::new();
        for (probe, name, limit) in each(&self.figures) {
            match figures.get(probe).and_then(|figures| figures.get(name)) {
                None => problems.push(format!(
                    "{probe}: {name} has a budget of {limit} and was not measured; delete it from {FILE} if that is meant"
                )),
                Some(&figure) if figure > limit => problems.push(format!(
                    "{probe}: {name} is {figure}, {} over its budget of {limit}; make it smaller, or raise it in {FILE} \
                     and say why",
                    figure - limit
                )),
                Some(_) => {}
            }
        }
        problems
    }

    fn limit(&self, probe: &str, name: &str) -> Option<u64> {
        self.figures.get(probe)?.get(name).copied()
    }
}

fn each(all: &All) -> impl Iterator<Item = (&str, &str, u64)> {
    all.iter()
        .flat_map(|(probe, figures)| figures.iter().map(move |(name, &figure)| (probe.as_str(), name.as_str(), figure)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(text: &str) -> All {
        toml::from_str(text).unwrap()
    }

    fn budget() -> Budget {
        Budget { toolchain: "rustc 1".into(), figures: figures("[record]\nflash = 100\nnull = 50") }
    }

    #[test]
    fn within_is_good_and_over_names_figure_budget_and_difference() {
        assert!(budget().problems(&figures("[record]\nflash = 100\nnull = 49")).is_empty());
        let problems = budget().problems(&figures("[record]\nflash = 107\nnull = 50"));
        assert_eq!(problems.len(), 1);
        assert!(problems[0].starts_with("record: flash is 107, 7 over its budget of 100;"), "{problems:?}");
    }

    #[test]
    fn figures_without_a_budget_and_budgets_without_a_figure_are_problems() {
        let problems = budget().problems(&figures("[record]\nflash = 1\n[cobs]\nflash = 1"));
        assert!(problems[0].starts_with("record: null has a budget of 50 and was not measured"), "{problems:?}");
        assert!(problems[1].starts_with("cobs: flash has no budget"), "{problems:?}");
    }

    #[test]
    fn updating_lowers_and_adds_and_never_raises() {
        let mut lowered = budget();
        let less = figures("[record]\nflash = 90\nnull = 50\nadd = 60");
        assert!(lowered.lower(&less).is_empty());
        assert_eq!(lowered.figures, less);

        let mut kept = budget();
        assert_eq!(kept.lower(&figures("[record]\nflash = 90\nnull = 51")).len(), 1);
        assert_eq!(kept.figures, budget().figures);
    }

    #[test]
    fn another_compiler_may_need_a_little_more() {
        let more = figures("[record]\nflash = 105\nnull = 52");
        assert_eq!(budget().problems(&more).len(), 2);
        assert!(budget().widened(5).problems(&more).is_empty());
        assert_eq!(budget().widened(5).problems(&figures("[record]\nflash = 106\nnull = 52")).len(), 1);
    }

    #[test]
    fn another_compiler_is_refused() {
        assert!(budget().require_toolchain("rustc 1").is_ok());
        assert!(budget().require_toolchain("rustc 2").is_err());
    }

    #[test]
    fn what_is_written_can_be_read() {
        let text = format!("{HEADER}{}", toml::to_string(&budget()).unwrap());
        let read: Budget = toml::from_str(&text).unwrap();
        assert_eq!(read.figures, budget().figures);
    }
}
