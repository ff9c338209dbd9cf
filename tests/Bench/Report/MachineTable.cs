namespace FhirEmr.Bench.Report;

internal static class MachineTable
{
    public static string Markdown(Machine machine) =>
        $"Machine: {machine.Cores} cores ({machine.Cpu}), {Report.Markdown.Number(machine.MemoryGb, "0.#")} GB, fdatasync of a page "
        + $"{Report.Markdown.Number(machine.FdatasyncMicroseconds)} µs (median), load {Report.Markdown.Number(machine.LoadAverage, "0.0#")} before and {Report.Markdown.Number(Machine.LoadNow(), "0.0#")} after the run, "
        + $"{machine.Runtime}, {machine.OperatingSystem}. Client and server share the cores.{Environment.NewLine}";
}
