using System.Reflection;
using FhirEmr.FhirServer.Validation;

namespace FhirEmr.FhirServer.Tests.Validation;

public sealed class MessagesTests
{
    [Fact]
    public void Every_message_is_listed_once_and_documented()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "FhirEmr.sln")))
            folder = folder.Parent;
        var documentation = File.ReadAllText(Path.Combine(folder.FullName, "docs", "validation.md"));
        var declared = typeof(Messages).GetProperties(BindingFlags.Static | BindingFlags.Public).Where(p => p.PropertyType == typeof(Message)).Select(p => (Message)p.GetValue(null)!);

        Assert.Equal(declared, Messages.All);
        Assert.Distinct(Messages.All.Select(m => m.Id));
        Assert.All(Messages.All, m => Assert.Contains($"| `{m.Id}` | {m.IssueType} | {m.Meaning} |", documentation, StringComparison.Ordinal));
    }
}
