namespace FhirEmr.FhirServer.Storage.Space;

/// <summary>Bytes of a file system: those still free for this process, and all there are.</summary>
internal readonly record struct DiskRoom(long Free, long Total);

/// <summary>Asks how much room there is.</summary>
internal interface IDiskProbe
{
    /// <summary>Null when the file system does not tell.</summary>
    DiskRoom? Measure(string folder);
}

/// <summary>The file system's own answer, a system call of some microseconds.</summary>
internal sealed class DriveProbe : IDiskProbe
{
    public DiskRoom? Measure(string folder)
    {
        try
        {
            var drive = new DriveInfo(Path.GetFullPath(folder));
            return new(drive.AvailableFreeSpace, drive.TotalSize);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null; // then a write that does not fit says so itself
        }
    }
}
