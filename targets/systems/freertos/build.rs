//! Compiles the kernel, and passes the board's memory layout to the linker.

#[path = "src/sizes.rs"]
mod sizes;

use std::{env, path::PathBuf};

/// The kernel's source files that are used. Heaps, software timers and event groups are not.
const SOURCES: [&str; 5] = ["list.c", "queue.c", "stream_buffer.c", "tasks.c", "portable/GCC/ARM_CM3/port.c"];

fn main() {
    if !oncilla_layout::is_for(&["thumbv7m-none-eabi"]) {
        return;
    }
    // The package `freertos-next` contains the kernel's sources.
    let kernel = env::var_os("DEP_FREERTOS_KERNEL").expect("the package freertos-next sets it");
    let kernel = PathBuf::from(kernel);
    let mut compiler = cc::Build::new();
    for (name, value) in [
        ("TASK_WORDS", sizes::TASK_WORDS),
        ("STREAM_BUFFER_WORDS", sizes::STREAM_BUFFER_WORDS),
        ("QUEUE_WORDS", sizes::QUEUE_WORDS),
        ("TICK_MICROS", sizes::TICK_MICROS as usize),
    ] {
        compiler.define(name, value.to_string().as_str());
    }
    compiler
        .include("c")
        .include(kernel.join("include"))
        .include(kernel.join("portable/GCC/ARM_CM3"))
        .files(SOURCES.iter().map(|file| kernel.join(file)))
        .file("c/kernel.c")
        .std("c11")
        .extra_warnings(true)
        .warnings_into_errors(true)
        .compile("freertos");
    for file in ["c/FreeRTOSConfig.h", "c/kernel.c", "src/sizes.rs"] {
        println!("cargo:rerun-if-changed={file}");
    }
    oncilla_layout::scripts(&["memory.x"]);
}
