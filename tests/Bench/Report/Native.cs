using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace FhirEmr.Bench.Report;

/// <summary>The few calls of the C library that .NET does not offer.</summary>
internal static partial class Native
{
    private const int ClockTicks = 2; // _SC_CLK_TCK in Linux's unistd.h

    /// <summary>Units of the times in <c>/proc/pid/stat</c>.</summary>
    public static double TicksPerSecond { get; } = SysConf(ClockTicks);

    public static void Fdatasync(SafeFileHandle file)
    {
        if (FdatasyncCore(file) != 0)
            throw new IOException($"fdatasync failed with errno {Marshal.GetLastPInvokeError()}.");
    }

    /// <summary>Asks a process to end (SIGTERM).</summary>
    public static void Terminate(int pid) => _ = Kill(pid, 15);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int FdatasyncCore(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "sysconf")]
    private static partial nint SysConf(int name);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
