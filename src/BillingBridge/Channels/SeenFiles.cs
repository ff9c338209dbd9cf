namespace FhirEmr.BillingBridge.Channels;

/// <summary>Which remote files are done with, one a line, where they cannot be moved away. A line is on the disk before it counts.</summary>
internal sealed class SeenFiles
{
    private readonly string _path;
    private readonly HashSet<string> _marks;

    public SeenFiles(string path)
    {
        _path = path;
        _marks = File.Exists(path) ? [.. File.ReadAllLines(path)] : [];
    }

    public bool Contains(string mark) => _marks.Contains(mark);

    public void Add(string mark)
    {
        if (_marks.Contains(mark))
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        using (var file = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read))
        using (var writer = new StreamWriter(file))
        {
            // A line that a crash cut short stands alone and names nothing.
            if (file.Position > 0)
                writer.Write('\n');
            writer.Write(mark);
            writer.Flush();
            file.Flush(flushToDisk: true);
        }

        _marks.Add(mark);
    }
}
