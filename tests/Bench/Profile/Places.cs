namespace FhirEmr.Bench.Profile;

/// <summary>What a moment of CPU was for, told from the innermost frame that says it.</summary>
internal static class Places
{
    public const string Other = "other";

    private static readonly (string Prefix, string Place)[] Managed =
    [
        ("FhirEmr.FhirServer.Resources.JsonSplicer", "splice JSON"),
        ("FhirEmr.FhirServer.Resources", "parse JSON"),
        ("FhirEmr.FhirServer.Rest", "requests and answers"),
        ("FhirEmr.FhirServer.Hosting", "requests and answers"),
        ("FhirEmr.FhirServer.Interactions", "interactions: what to write, links, references"),
        ("FhirEmr.FhirServer.Search", "extract index rows"),
        ("FhirEmr.FhirServer.Storage.Symbols", "extract index rows"),
        ("FhirEmr.FhirServer.Storage.Bodies", "compress and decompress bodies"),
        ("FhirEmr.FhirServer.Storage.Cache", "read cache"),
        ("FhirEmr.FhirServer.Storage", "bind and sort rows, plans, statements"),
        ("ZstdSharp", "compress and decompress bodies"),
        ("Npgsql", "Npgsql"),
        ("Microsoft.AspNetCore", "Kestrel and ASP.NET"),
        ("Microsoft.Extensions", "Kestrel and ASP.NET"),
    ];

    private static readonly (string Name, string Place)[] Kernel =
    [
        ("sync", "kernel: write and sync files"), ("pwrite", "kernel: write and sync files"), ("pread", "kernel: read files"), ("writev", "kernel: write and sync files"),
        ("sendmsg", "kernel: network"), ("sendto", "kernel: network"), ("recv", "kernel: network"), ("tcp_", "kernel: network"), ("epoll", "kernel: network"), ("sock_", "kernel: network"),
        ("futex", "kernel: wait and wake threads"), ("sched", "kernel: wait and wake threads"), ("fault", "kernel: memory"), ("mmap", "kernel: memory"), ("madvise", "kernel: memory"),
        ("munmap", "kernel: memory"), ("brk", "kernel: memory"),
    ];

    public static string Of(Sample sample)
    {
        if (sample.Frames is [{ Module: Frame.Kernel }, ..])
            return OfKernel(sample);
        foreach (var frame in sample.Frames)
        {
            if (frame.Module.StartsWith("libe_sqlite3", StringComparison.Ordinal))
                return "SQLite";
            if (frame.Module.StartsWith("libclrjit", StringComparison.Ordinal))
                return "JIT compiler";
            if (frame.Module.StartsWith("libcoreclr", StringComparison.Ordinal) || frame.Module.StartsWith("libclrgc", StringComparison.Ordinal))
                return sample.Frames.Any(f => f.Module.StartsWith("libclrjit", StringComparison.Ordinal)) || sample.Thread.Contains("Tiered", StringComparison.Ordinal)
                    ? "JIT compiler" : "runtime: garbage collection, allocation, types";
            if (frame.IsManaged && Array.Find(Managed, p => frame.Name.StartsWith(p.Prefix, StringComparison.Ordinal)).Place is { } place)
                return place;
        }

        return sample.Thread.StartsWith("SQLite", StringComparison.Ordinal) ? "SQLite"
            : sample.Frames.Any(f => f.IsManaged) ? "thread pool, sockets and the rest of the base library" : Other;
    }

    private static string OfKernel(Sample sample)
    {
        foreach (var frame in sample.Frames)
        {
            if (frame.Module != Frame.Kernel)
                break;
            if (Array.Find(Kernel, k => frame.Name.Contains(k.Name, StringComparison.Ordinal)).Place is { } place)
                return place;
        }

        return "kernel: other";
    }
}
