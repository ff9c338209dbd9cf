namespace FhirEmr.Architecture.Tests.Rooms;

/// <summary>The rooms of the house and the arrows between them. A new folder is a new line here, or the tests fail.</summary>
internal static class Plan
{
    public static IReadOnlyList<Room> Terminology { get; } =
    [
        new("Terminology", "Terminology.CodeSystems", "Terminology.ConceptMaps", "Terminology.ValueSets", "Terminology.Operations", "Terminology.Import", "Terminology.Index"),
        new("Terminology.CodeSystems", "Terminology.Index") { MayUseTypes = ["Terminology.CodeSystemUrls"] },
        new("Terminology.ConceptMaps", "Terminology.CodeSystems") { MayUseTypes = ["Terminology.CodeSystemUrls"] },
        new("Terminology.ValueSets", "Terminology.CodeSystems") { MayUseTypes = ["Terminology.CodeSystemUrls"] },
        // What the FHIR operations answer, without HTTP.
        new("Terminology.Operations", "Terminology.CodeSystems", "Terminology.ConceptMaps", "Terminology.ValueSets", "Terminology.Index") { MayUseTypes = ["Terminology.CodeSystemUrls"] },
        new("Terminology.Import", "Terminology.CodeSystems", "Terminology.Index"),
        new("Terminology.Index"),
    ];

    public static IReadOnlyList<Room> BillingBridge { get; } =
    [
        // The front doors: pipelines that walk an encounter, a batch or a remittance through the rooms below.
        new("BillingBridge", "BillingBridge.Ports", "BillingBridge.Charges", "BillingBridge.Claims", "BillingBridge.Scrubbing", "BillingBridge.X12",
            "BillingBridge.EvaluationManagement", "BillingBridge.RiskAdjustment", "BillingBridge.Interchange", "BillingBridge.Remittance", "BillingBridge.Denials", "BillingBridge.Ledger", "BillingBridge.Documents", "BillingBridge.Kpis", "BillingBridge.FhirRest",
            "BillingBridge.Channels", "BillingBridge.MockPayer", "Terminology"),
        new("BillingBridge.Ports"),
        new("BillingBridge.Charges", "BillingBridge.Ports", "Terminology", "Terminology.CodeSystems", "Terminology.ConceptMaps"),
        new("BillingBridge.Claims", "BillingBridge.Charges", "BillingBridge.Ports"),
        new("BillingBridge.Scrubbing", "BillingBridge.Claims", "BillingBridge.Charges", "BillingBridge.Ports", "Terminology", "Terminology.CodeSystems")
        {
            MayUseTypes = ["BillingBridge.X12.Npi"], // one check digit for the rules and for the reader of files
        },
        // The level of a visit, from the chart; it reads codes as the charges do.
        new("BillingBridge.EvaluationManagement", "BillingBridge.Charges", "BillingBridge.Ports", "Terminology", "Terminology.ConceptMaps"),
        // HCCs and scores, from claims and the tables of a payment year.
        new("BillingBridge.RiskAdjustment", "BillingBridge.Charges", "Terminology"),
        new("BillingBridge.X12"),
        new("BillingBridge.Interchange", "BillingBridge.Claims", "BillingBridge.X12", "BillingBridge.Ports", "Terminology"),
        new("BillingBridge.Remittance", "BillingBridge.X12", "BillingBridge.Denials", "BillingBridge.Ledger", "BillingBridge.Claims", "BillingBridge.Charges", "BillingBridge.Ports", "Terminology"),
        // Below Remittance: whether a reason is a denial decides the stage that posting gives the claim.
        new("BillingBridge.Denials", "BillingBridge.Claims", "BillingBridge.Charges", "BillingBridge.Ports", "BillingBridge.Scrubbing", "Terminology", "Terminology.CodeSystems"),
        // Double entry: what every movement of money is, and the balances it makes.
        new("BillingBridge.Ledger", "BillingBridge.Claims", "BillingBridge.Ports") { MayUseTypes = ["BillingBridge.Charges.DateOfService"] },
        // Papers for people: superbill, statement, CMS-1500 data, appeal packet.
        new("BillingBridge.Documents", "BillingBridge.Claims", "BillingBridge.Charges", "BillingBridge.Scrubbing", "BillingBridge.Denials", "BillingBridge.Ledger", "BillingBridge.Ports", "Terminology"),
        // Facts out of the records, and the figures they make; pure.
        new("BillingBridge.Kpis", "BillingBridge.Kpis.Cube", "BillingBridge.Kpis.Definitions", "BillingBridge.Claims", "BillingBridge.Charges", "BillingBridge.Denials", "BillingBridge.Ledger", "BillingBridge.Ports", "Terminology.CodeSystems"),
        // All claims as rows of numbers; definitions count over them.
        new("BillingBridge.Kpis.Cube", "BillingBridge.Kpis", "BillingBridge.Kpis.Definitions"),
        new("BillingBridge.Kpis.Definitions", "BillingBridge.Kpis", "BillingBridge.Kpis.Cube"),
        // Figures as Parameters, CSV, workbook and MeasureReports.
        new("BillingBridge.Kpis.Reports", "BillingBridge.Kpis", "BillingBridge.Kpis.Definitions", "BillingBridge.Charges"),
        new("BillingBridge.FhirRest", "BillingBridge.Ports"),
        new("BillingBridge.Channels", "BillingBridge.Ports"),
        // Stands where a clearinghouse stands: it sees files only, never records.
        new("BillingBridge.MockPayer", "BillingBridge.X12", "BillingBridge.Ports", "BillingBridge.Channels"),
    ];

    public static IReadOnlyList<Room> FhirServer { get; } =
    [
        new("FhirServer.Hosting") { MayUseEverything = true },

        // Engines, bottom first.
        new("FhirServer.Resources"),
        new("FhirServer.Search", "FhirServer.Resources", "Terminology", "Terminology.Operations", "Terminology.ValueSets"),
        new("FhirServer.Security", "FhirServer.Search", "FhirServer.Resources"),
        // Keys of what is encrypted at rest: open to those who encrypt and to nobody else.
        new("FhirServer.Security.Encryption", "FhirServer.Resources"),
        // Users, sessions, roles and clients: tables of their own, where the records' settings say.
        new("FhirServer.Security.Accounts", "FhirServer.Security", "FhirServer.Security.Encryption", "FhirServer.Resources")
        {
            MayUseTypes = ["FhirServer.Storage.StorageOptions", "FhirServer.Storage.StorageRefusedException", "FhirServer.Storage.PostgresPool", "FhirServer.Storage.Schema.SchemaVersion"],
        },
        // The authorisation server: tokens for those who have signed in. What it needs of the records it asks of the host.
        new("FhirServer.Security.Smart", "FhirServer.Security", "FhirServer.Security.Accounts"),
        // An engine of its own on the store: its rows go into the commits of what they tell of.
        new("FhirServer.Security.Audit", "FhirServer.Security", "FhirServer.Storage", "FhirServer.Search", "FhirServer.Resources")
        {
            MayUseTypes = ["FhirServer.Security.Encryption.OwnerOnly"], // its journal is nobody else's to read
        },
        new("FhirServer.Validation", "FhirServer.Resources", "Terminology", "Terminology.ValueSets"),
        // Every store call carries the caller's access plan, and what it opens is part of every statement.
        new("FhirServer.Storage", "FhirServer.Search", "FhirServer.Resources", "FhirServer.Security"),
        // A request says who asks.
        new("FhirServer.Rest", "FhirServer.Resources") { MayUseTypes = ["FhirServer.Security.Access.Caller"] },

        // Clinical documents, pure: C-CDA in and out, patient summaries, XDM packages. It reads no store; who asks gives it the record.
        new("FhirServer.Documents", "FhirServer.Resources") { MayUseTypes = ["FhirServer.Rest.FhirFormats"] },

        // Slices: on Rest and the engines, not on each other.
        new("FhirServer.Interactions", [.. Below, "FhirServer.Interactions.Writing", "FhirServer.Interactions.Instance", "FhirServer.Interactions.Type", "FhirServer.Interactions.System", "FhirServer.Interactions.Jobs", "FhirServer.Interactions.Binaries", "FhirServer.Interactions.Auditing"])
        {
            Except = new Dictionary<string, string[]> { ["FhirServer.Interactions.FhirInteractions"] = ["FhirServer.Operations.OperationTable", "FhirServer.Operations.Operation"], ["FhirServer.Interactions.RequestRights"] = ["FhirServer.Operations.Operation"] },
        },
        // Every interaction runs in it; the audit is read and searched in one answer with what clients have stored.
        new("FhirServer.Interactions.Auditing", [.. Below, "FhirServer.Interactions.Writing"]) { MayUseTypes = ["FhirServer.Interactions.Type.PageContent"] },
        // The content of a large Binary goes into the store, encrypted, ahead of the resource that points to it.
        new("FhirServer.Interactions.Binaries", [.. Below, "FhirServer.Security.Encryption"]),
        new("FhirServer.Interactions.Writing", [.. Below, "FhirServer.Interactions.Patching"]) { MayUseTypes = ["FhirServer.Interactions.SearchRefusal"] },
        // The past is extracted again from its versions, as a write extracts them.
        new("FhirServer.Interactions.Past", [.. Below, "FhirServer.Interactions.Writing", "Terminology"]),
        // What a patch says, and what it makes of a resource; it writes nothing.
        new("FhirServer.Interactions.Patching", Below),
        new("FhirServer.Interactions.Instance", [.. Below, "FhirServer.Interactions.Writing", "FhirServer.Interactions.Past", "FhirServer.Interactions.Patching"]),
        // Requests kept to run later go through the same door as those that wait.
        new("FhirServer.Interactions.Jobs", [.. Below, "FhirServer.Interactions.Writing"])
        {
            Except = new Dictionary<string, string[]> { ["FhirServer.Interactions.Jobs.JobWorker"] = ["FhirServer.Interactions.FhirInteractions"] },
        },
        new("FhirServer.Interactions.Type", [.. Below, "FhirServer.Interactions.Writing", "FhirServer.Interactions.Past"]) { MayUseTypes = ["FhirServer.Interactions.SearchRefusal", "FhirServer.Interactions.SearchWarnings"] },
        new("FhirServer.Interactions.System", [.. Below, "FhirServer.Interactions.Writing", "FhirServer.Interactions.Binaries"])
        {
            Except = new Dictionary<string, string[]>
            {
                // A Bundle's entries are interactions themselves; the statement lists the operations there are.
                ["FhirServer.Interactions.System.Transaction"] = ["FhirServer.Interactions.FhirInteractions", "FhirServer.Interactions.Instance", "FhirServer.Interactions.Type"],
                ["FhirServer.Interactions.System.TransactionEntries"] = ["FhirServer.Interactions.Instance", "FhirServer.Interactions.Type"],
                ["FhirServer.Interactions.System.Batch"] = ["FhirServer.Interactions.FhirInteractions"],
                ["FhirServer.Interactions.System.Capabilities"] = ["FhirServer.Operations.OperationTable", "FhirServer.Operations.Operation", "FhirServer.Interactions.Patching.PatchDocument", "FhirServer.Security.Smart.Discovery.SecurityStatement"],
                ["FhirServer.Interactions.System.TerminologyStatement"] = ["Terminology.TerminologyService", "Terminology.CodeSystemUrls", "Terminology.EditionStanding", "Terminology.EditionState", "Terminology.Index.Edition"],
            },
        },
        new("FhirServer.Operations", Below),
        // Emergency access is asked for as an operation; what it makes is a Task through the one door.
        new("FhirServer.Operations.Emergency", [.. Below, "FhirServer.Operations", "FhirServer.Security.Accounts"]),
        new("FhirServer.Operations.Auditing", [.. Below, "FhirServer.Operations"]),
        // With _asOf it asks for the compartment as it was.
        new("FhirServer.Operations.Everything", [.. Below, "FhirServer.Operations", "FhirServer.Interactions.Past"]),
        // Everything as it stood at one instant, and files that are encrypted as the contents of Binaries are, written by a job under the rights of who asked.
        new("FhirServer.Operations.Export", [.. Below, "FhirServer.Operations", "FhirServer.Interactions.Past", "FhirServer.Interactions.Jobs", "FhirServer.Interactions.Binaries", "FhirServer.Interactions.Writing", "FhirServer.Security.Encryption"])
        {
            MayUseTypes = ["FhirServer.Interactions.SearchRefusal"],
        },
        // The other way: files lie as those of exports do until their lines are written through the one writer, and come by the guarded way in.
        new("FhirServer.Operations.Import", [.. Below, "FhirServer.Operations", "FhirServer.Operations.Export", "FhirServer.Interactions.Jobs", "FhirServer.Interactions.Binaries", "FhirServer.Interactions.Writing", "FhirServer.Security.Encryption"]),
        // One member of a list comes or goes: on the JSON, through the one writer.
        new("FhirServer.Operations.Groups", [.. Below, "FhirServer.Operations", "FhirServer.Interactions.Writing", "FhirServer.Interactions.Patching"]),
        // Documents are made from a compartment, and what they bring in becomes one transaction of the caller through the one door.
        new("FhirServer.Operations.Documents", [.. Below, "FhirServer.Operations", "FhirServer.Documents", "FhirServer.Operations.Matching", "FhirServer.Interactions.Binaries"])
        {
            MayUseTypes = ["FhirServer.Operations.Everything.CompartmentParameters", "FhirServer.Interactions.FhirInteractions", "FhirServer.Interactions.Writing.LocalAddress"],
        },
        // What a search warns of is said in the same words.
        new("FhirServer.Operations.Observations", [.. Below, "FhirServer.Operations"]) { MayUseTypes = ["FhirServer.Interactions.SearchWarnings"] },
        new("FhirServer.Operations.Matching", [.. Below, "FhirServer.Operations"]),
        new("FhirServer.Operations.GraphQl", [.. Below, "FhirServer.Operations"]),
        // Evidence asks the clock of writes for an instant behind which nothing comes any more.
        new("FhirServer.Operations.Evidence", [.. Below, "FhirServer.Operations", "FhirServer.Interactions.Writing"]),
        // Extracts the rows of stored resources as a write does.
        new("FhirServer.Operations.Reindexing", [.. Below, "FhirServer.Operations", "FhirServer.Interactions.Writing"]),
        new("FhirServer.Operations.Explaining", [.. Below, "FhirServer.Operations"]),
        // They change a resource as the interactions do: on its JSON, through the one writer.
        new("FhirServer.Operations.Meta", [.. Below, "FhirServer.Operations", "FhirServer.Interactions.Writing", "FhirServer.Interactions.Patching"]),
        new("FhirServer.Operations.Terminology", [.. Below, "FhirServer.Operations", "Terminology", "Terminology.Operations", "Terminology.CodeSystems", "Terminology.ConceptMaps"]),
        new("FhirServer.Operations.Validation", [.. Below, "FhirServer.Operations", "FhirServer.Interactions.Writing"]),
        // What is verified is extracted again as a write extracts it, and what is purged keeps the rules of deletions.
        new("FhirServer.Operations.Integrity", [.. Below, "FhirServer.Operations", "FhirServer.Interactions.Writing"]),
        // Follows the change feed and tells of it, by what the owners of subscriptions may; it has a say, and rows of its own, where a Subscription is written.
        new("FhirServer.Subscriptions", [.. Below, "FhirServer.Operations", "FhirServer.Interactions.Writing"])
        {
            MayUseTypes = ["FhirServer.Interactions.SearchRefusal", "FhirServer.Interactions.System.ICapability", "FhirServer.Security.Smart.IServerIdentity"],
        },
        // Tables of other systems → records: as whoever imports, through the one door; who is the same person $match says, what an opening balance is the ledger.
        new("FhirServer.Imports", [.. Below, "FhirServer.Imports.Tables", "FhirServer.Imports.Mapping", "FhirServer.Imports.Kinds", "FhirServer.Operations", "FhirServer.Operations.Matching", "BillingBridge.Ledger"])
        {
            Except = new Dictionary<string, string[]> { ["FhirServer.Imports.ImportDoor"] = ["FhirServer.Interactions.FhirInteractions", "FhirServer.Interactions.Binaries"] },
        },
        // A file as rows of texts that know where they stand.
        new("FhirServer.Imports.Tables", "FhirServer.Resources"),
        // Which column says what, and what a value means.
        new("FhirServer.Imports.Mapping", "FhirServer.Imports.Tables", "FhirServer.Resources") { MayUseTypes = ["BillingBridge.X12.Npi"] },
        new("FhirServer.Imports.Kinds", [.. Below, "FhirServer.Imports", "FhirServer.Imports.Mapping", "FhirServer.Operations.Matching", "BillingBridge.Ledger", "BillingBridge.Claims", "Terminology"]),
        new("FhirServer.Billing", [.. Below, "FhirServer.Operations", "FhirServer.Billing.Kpis", "BillingBridge", .. BillingBridge.Select(room => room.Name), "Terminology"])
        {
            Except = new Dictionary<string, string[]>
            {
                ["FhirServer.Billing.InProcessFhirRecords"] = ["FhirServer.Interactions.FhirInteractions"],
                // The scrub rules as a check of what clients write.
                ["FhirServer.Billing.ClaimDoor"] = ["FhirServer.Interactions.Writing.IWriteDoor"],
                ["FhirServer.Billing.JournalDoor"] = ["FhirServer.Interactions.Writing.IWriteDoor"],
                ["FhirServer.Billing.BillingServices"] = ["FhirServer.Interactions.Writing.IWriteDoor"],
                // The mock payer answers by what the demo's member ids ask for.
                ["FhirServer.Billing.DemoScenarios"] = ["FhirServer.Demo.MemberScenario", "FhirServer.Demo.MemberScenarios"],
            },
        },
        // HL7 v2: its syntax, what its messages mean in FHIR, taking them in, carrying them, and sending orders.
        new("FhirServer.Hl7V2.Syntax"),
        new("FhirServer.Hl7V2.Messages", "FhirServer.Hl7V2.Syntax"),
        new("FhirServer.Hl7V2.Receiving", [.. Below, "FhirServer.Hl7V2.Syntax", "FhirServer.Hl7V2.Messages", "FhirServer.Operations", "FhirServer.Operations.Matching"])
        {
            // All of a message is one transaction through the one door.
            Except = new Dictionary<string, string[]> { ["FhirServer.Hl7V2.Receiving.Reception"] = ["FhirServer.Interactions.FhirInteractions", "FhirServer.Interactions.Binaries.ContentStore"] },
        },
        new("FhirServer.Hl7V2.Mllp", [.. Below, "FhirServer.Hl7V2.Syntax", "FhirServer.Hl7V2.Messages", "FhirServer.Hl7V2.Receiving"]),
        new("FhirServer.Hl7V2.Sending", [.. Below, "FhirServer.Hl7V2.Syntax", "FhirServer.Hl7V2.Messages", "FhirServer.Hl7V2.Receiving", "FhirServer.Hl7V2.Mllp", "FhirServer.Operations"])
        {
            Except = new Dictionary<string, string[]>
            {
                ["FhirServer.Hl7V2.Sending.OrderOperation"] = ["FhirServer.Interactions.FhirInteractions"],
                ["FhirServer.Hl7V2.Sending.OutboxWorker"] = ["FhirServer.Interactions.FhirInteractions"],
            },
        },
        // Figures: it follows the feed into a file of the node's own, and counts.
        new("FhirServer.Billing.Kpis", [.. Below, "FhirServer.Operations", "BillingBridge", "BillingBridge.Claims", "BillingBridge.Charges", "BillingBridge.Kpis", "BillingBridge.Kpis.Cube", "BillingBridge.Kpis.Definitions", "BillingBridge.Kpis.Reports", "BillingBridge.RiskAdjustment", "BillingBridge.Scrubbing", "BillingBridge.Ports", "Terminology", "Terminology.Index"])
        {
            MayUseTypes = ["FhirServer.Billing.Reach"], // one rule for which records an operation of billing names
        },
        // Cards for other systems' and our own pages: it reads through the front door as the user, and lets billing's deciders work on that.
        new("FhirServer.CdsHooks", [.. Below, "BillingBridge", "BillingBridge.Ports", "BillingBridge.Claims", "BillingBridge.EvaluationManagement", "BillingBridge.Scrubbing", "Terminology"])
        {
            MayUseTypes = ["FhirServer.Interactions.FhirInteractions", "BillingBridge.Charges.DateOfService"],
        },
        // Made-up people and records: it shares identifier systems with billing and terminology as constants, and calls nobody.
        new("FhirServer.Demo"),
    ];

    public static IReadOnlyList<Room> All { get; } = [.. Terminology, .. BillingBridge, .. FhirServer];

    /// <summary>What lies under the slices.</summary>
    private static string[] Below =>
        ["FhirServer.Rest", "FhirServer.Resources", "FhirServer.Search", "FhirServer.Security", "FhirServer.Security.Audit", "FhirServer.Validation", "FhirServer.Storage"];
}
