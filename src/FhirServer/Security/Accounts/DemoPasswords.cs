using System.Collections.Concurrent;

namespace FhirEmr.FhirServer.Security.Accounts;

/// <summary>The demo's generated passwords, for its sign-in page with one button a person (security S-100); empty everywhere else, and gone with the process.</summary>
internal sealed class DemoPasswords
{
    private readonly ConcurrentDictionary<string, (DemoUser Person, string Password)> known = new(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<DemoUser> People => [.. known.Values.Select(k => k.Person).OrderBy(p => p.Order)];

    public void Keep(DemoUser person, string password) => known[person.UserName] = (person, password);

    public string? Of(string userName) => known.TryGetValue(userName, out var found) ? found.Password : null;
}

/// <summary>An invented person who can sign in to the demo.</summary>
internal sealed record DemoUser(int Order, string UserName, string DisplayName, string Role, string? FhirUser);
