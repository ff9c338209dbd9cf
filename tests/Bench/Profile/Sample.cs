namespace FhirEmr.Bench.Profile;

/// <summary>One moment of one thread at work.</summary>
/// <param name="Frames">What called what, the innermost first.</param>
internal sealed record Sample(string Thread, IReadOnlyList<Frame> Frames);

/// <param name="Name">Method or function as the profiler names it; empty when it has no name for it.</param>
/// <param name="Module">File it was loaded from, without its folder; <c>kernel</c> for the kernel; empty for code compiled by the runtime.</param>
internal readonly record struct Frame(string Name, string Module)
{
    public const string Kernel = "kernel";

    public bool IsManaged => Module.Length == 0;
}
