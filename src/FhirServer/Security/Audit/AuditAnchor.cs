using System.Globalization;
using System.Text;

namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>The last head of each chain beside the secrets, outside the database: who cuts the end off the tables does not reach it.</summary>
internal static class AuditAnchor
{
    /// <remarks>In place and of one length, so that it is one write within one sector: a new file under the old one's name costs a thousand times as much, each second.</remarks>
    public static void Write(string folder, int node, long ordinal, byte[] head)
    {
        using var file = System.IO.File.OpenHandle(PathOf(folder, node), FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.Write(file, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{ordinal:d20} {Convert.ToHexStringLower(head)}\n")), 0);
    }

    public static (long Ordinal, byte[] Head)? Read(string folder, int node)
    {
        if (!System.IO.File.Exists(PathOf(folder, node)))
            return null;
        string text;
        do
            text = TextOf(PathOf(folder, node));
        while (text != TextOf(PathOf(folder, node))); // it is written meanwhile
        var parts = text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        return parts is [var ordinal, { Length: 64 } head] && long.TryParse(ordinal, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (number, Convert.FromHexString(head)) : null;
    }

    /// <summary>Nodes that have one.</summary>
    public static IEnumerable<int> Nodes(string folder) => !Directory.Exists(folder) ? [] : Directory.EnumerateFiles(folder, "audit-head-*")
        .Select(path => int.TryParse(Path.GetFileName(path)["audit-head-".Length..], out var node) ? node : 0).Where(node => node > 0);

    private static string TextOf(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(file, Encoding.ASCII);
        return reader.ReadToEnd();
    }

    private static string PathOf(string folder, int node) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"audit-head-{node}"));
}
