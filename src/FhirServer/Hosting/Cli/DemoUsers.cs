using System.Globalization;
using System.Security.Cryptography;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.FhirServer.Billing;
using FhirEmr.FhirServer.Demo;
using FhirEmr.FhirServer.Security.Access.Roles;
using FhirEmr.FhirServer.Security.Accounts;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Accounts.SignIn;
using FhirEmr.FhirServer.Security.Accounts.Users;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary>Who can sign in to the demo: one invented person per default role and two patients, each with a password made for this start (security S-100).</summary>
internal static class DemoUsers
{
    private const string By = "demo";

    /// <summary>Letters and digits that nobody confuses when copying from a terminal.</summary>
    private const string Letters = "abcdefghjkmnpqrstuvwxyz23456789";

    public static IReadOnlyList<DemoUser> All { get; } =
    [
        new(0, "frontdesk", "Paloma Reyes", BuiltInRoles.FrontDesk.Name, "Practitioner/demo-staff-frontdesk"),
        new(1, "clinician", "Ruth Calloway", BuiltInRoles.Clinician.Name, $"Practitioner/{DemoStaff.ClinicianId(1)}"),
        new(2, "nurse", "Jonas Lindholm", BuiltInRoles.Nurse.Name, "Practitioner/demo-staff-nurse"),
        new(3, "coder", "Mina Okafor", BuiltInRoles.Coder.Name, "Practitioner/demo-staff-coder"),
        new(4, "biller", "Terrence Vale", BuiltInRoles.Biller.Name, "Practitioner/demo-staff-biller"),
        new(5, "billingmanager", "Agnes Thorne", BuiltInRoles.BillingManager.Name, "Practitioner/demo-staff-billingmanager"),
        new(6, "admin", "Dov Rosen", BuiltInRoles.PracticeAdmin.Name, "Practitioner/demo-staff-admin"),
        new(7, "auditor", "Keiko Tanabe", BuiltInRoles.Auditor.Name, "Practitioner/demo-staff-auditor"),
        .. DemoPerson.All.Take(2).Select((p, i) => new DemoUser(8 + i, $"patient{i + 1}", $"{p.Given} {p.Family}", BuiltInRoles.Patient.Name, $"Patient/{p.Id}")),
    ];

    /// <summary>Adds those who are not there, and gives everybody a new password, which is returned for the terminal and kept nowhere but in memory.</summary>
    public static async Task<IReadOnlyList<(DemoUser User, string Password)>> StartAsync(IServiceProvider services, CancellationToken ct)
    {
        var passwords = services.GetRequiredService<Passwords>();
        var made = await Task.WhenAll(All.Select(async user =>
        {
            var password = string.Join('-', Enumerable.Range(0, 3).Select(_ => RandomNumberGenerator.GetString(Letters, 5)));
            return (User: user, Password: password, Hash: await passwords.HashAsync(password, ct));
        }));
        foreach (var (user, password, hash) in made)
        {
            await StoreAsync(services, user, hash, ct);
            services.GetRequiredService<DemoPasswords>().Keep(user, password);
        }

        return [.. made.Select(m => (m.User, m.Password))];
    }

    /// <summary>Those of them that the demo practice does not have as a resource yet.</summary>
    public static Task StoreResourcesAsync(IFhirRecords records, CancellationToken ct)
    {
        var transaction = new Bundle { Type = Bundle.BundleType.Transaction };
        foreach (var user in All.Where(u => u.FhirUser!.StartsWith("Practitioner/demo-staff-", StringComparison.Ordinal)))
        {
            var names = user.DisplayName.Split(' ');
            var person = new Practitioner
            {
                Id = user.FhirUser!["Practitioner/".Length..],
                Meta = Coded.MadeUpMeta(),
                Active = true,
                Name = [new HumanName { Use = HumanName.NameUse.Official, Given = [names[0]], Family = names[^1] }],
            };
            transaction.Entry.Add(new() { Resource = person, Request = new() { Method = Bundle.HTTPVerb.PUT, Url = user.FhirUser } });
        }

        return FeeScheduleSeed.CommitAsync(records, transaction, ct);
    }

    public static async Task PrintAsync(IReadOnlyList<(DemoUser User, string Password)> users, string url, TextWriter output)
    {
        await output.WriteLineAsync($"\nSign in at {url}/account/sign-in (these passwords are shown once, and are new at each start):");
        foreach (var (user, password) in users)
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  {user.UserName,-15} {password}   {user.Role}"));
    }

    private static async Task StoreAsync(IServiceProvider services, DemoUser user, string hash, CancellationToken ct)
    {
        var kind = user.Role == BuiltInRoles.Patient.Name ? AccountKind.Patient : AccountKind.Staff;
        if (await services.GetRequiredService<UserDirectory>().AddOrReplaceAsync(new(user.UserName, user.DisplayName, kind, user.FhirUser), hash, By, ct))
            await services.GetRequiredService<RoleAssignments>().AssignToUserAsync(user.UserName, user.Role, null, null, null, null, By, ct);
    }
}
