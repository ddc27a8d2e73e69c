#![cfg_attr(fuzzing, no_main)]
oncilla_fuzz::target!("drpc_call");
