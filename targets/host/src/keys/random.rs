//! Random bytes of the system: the only source of secrets and starts.

use super::KeyError;

/// Returns random bytes of the system that are fit for keys.
///
/// Blocks until the system has seeded its generator, soon after it has started.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], KeyError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| KeyError::Random(error.to_string()))?;
    Ok(bytes)
}
