using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Row = System.Collections.Generic.Dictionary<string, object>;

namespace FhirEmr.FhirServer.Storage.Schema;

/// <summary>The store's tables, once for all engines. Rows have no classes: everything hot is plain SQL, and EF only keeps the schema.</summary>
/// <remarks>
/// Index tables are clustered on the search key where the engine can do it (SQLite WITHOUT ROWID, SQL Server), the whole row is the key,
/// and none has an index by resource: an update finds its old rows by extracting them again from the old body.
/// </remarks>
internal static class StoreModel
{
    public static readonly IReadOnlyList<string> IndexTables = ["Token", "Reference", "Date", "String", "Number", "Quantity", "Uri", "Composite", "Word"];

    public static void Describe(ModelBuilder model, SchemaEngine engine)
    {
        // Wide columns first: PostgreSQL aligns each to its size, and a row without holes is a fifth smaller.
        Table(model, engine, "Resource", ["Sid"], t => t
            .Long("Sid").Long("LastUpdated").Long("Owner").Int("Version").Small("Type").Bool("Deleted").Small("Method").Code("Id", 64).Blob("Body"),
            e =>
            {
                e.HasIndex("Type", "Id").IsUnique();
                e.HasIndex("Type", "Sid").HasFilter(engine.Name("Deleted") + " = 0");
                e.HasIndex("Type", "LastUpdated", "Sid");
            });
        Table(model, engine, "ResourceHistory", ["Sid", "Version"], t => t
            .Long("Sid").Long("LastUpdated").Int("Version").Small("Type").Bool("Deleted").Small("Method").Blob("Body"),
            e => e.HasIndex("Type", "LastUpdated", "Sid", "Version"));

        Table(model, engine, "Token", ["Param", "Hash", "Owner", "Sid", "System"], t => t.Long("Hash").Long("Owner").Long("Sid").Int("Param").Int("System"));
        Table(model, engine, "Reference", ["Param", "Target", "Sid", "Owner"], t => t.Long("Target").Long("Sid").Long("Owner").Int("Param"));
        Table(model, engine, "Date", ["Param", "Owner", "Lo", "Hi", "Sid", "DayLo", "DayHi"], t => t
            .Long("Owner").Long("Lo").Long("Hi").Long("Sid").Int("Param").Int("DayLo").Int("DayHi"),
            e => e.HasIndex("Param", "Lo", "Hi", "Sid", "DayLo", "DayHi", "Owner"));
        Table(model, engine, "String", ["Param", "Folded", "Exact", "Owner", "Sid"], t => t
            .Long("Owner").Long("Sid").Int("Param").Text("Folded", 200).Text("Exact", 200));
        Table(model, engine, "Number", ["Param", "Value", "Owner", "Sid"], t => t.Long("Owner").Long("Sid").Int("Param").Code("Value", 44));
        Table(model, engine, "Quantity", ["Param", "Unit", "Value", "Owner", "Sid"], t => t
            .Long("Owner").Long("Sid").Int("Param").Int("Unit").Code("Value", 44));
        Table(model, engine, "Uri", ["Param", "Value", "Sid", "Owner"], t => t.Long("Sid").Long("Owner").Int("Param").Text("Value", 420));

        // Second part of a composite: a quantity (unit, value), or a token (its system, its hash in hexadecimal).
        Table(model, engine, "Composite", ["Param", "Hash", "Unit", "Value", "Owner", "Sid", "System"], t => t
            .Long("Hash").Long("Owner").Long("Sid").Int("Param").Int("System").Int("Unit").Code("Value", 44));
        Table(model, engine, "Word", ["Param", "Word", "Owner", "Sid"], t => t.Long("Owner").Long("Sid").Int("Param").Text("Word", 60));

        // Texts that stand beside a token somewhere (display, CodeableConcept.text): they lead a search by text to the tokens worth reading.
        Table(model, engine, "TokenDisplay", ["Param", "Folded", "Hash", "System"], t => t.Long("Hash").Int("Param").Int("System").Text("Folded", 200));
        Table(model, engine, "TokenText", ["Hash"], t => t.Long("Hash").LongText("Text"));
        Table(model, engine, "Shape", ["Type", "Hash"], t => t.Small("Type").Long("Hash").LongText("Params"));
        Table(model, engine, "Symbol", ["Number"], t => t.Int("Number").Text("Text", 800), e => e.HasIndex("Text").IsUnique());
        Table(model, engine, "Parameter", ["Number"], t => t.Int("Number").Code("Type", 64).Code("Code", 100), e => e.HasIndex("Type", "Code").IsUnique());
        Table(model, engine, "Setting", ["Name"], t => t.Code("Name", 100).LongText("Value"));

        // Content of Binary resources in pieces, so that none is ever whole in memory. State 0: upload under way, 1: a version refers to it.
        Table(model, engine, "BinaryHead", ["Content"], t => t.Long("Content").Long("Size").Long("Created").Bool("State").Code("Digest", 64));
        Table(model, engine, "BinaryPiece", ["Content", "Ordinal"], t => t.Long("Content").Int("Ordinal").Blob("Data"));

        // Who stored a Binary that does not say what it belongs to, as the number their plans carry.
        Table(model, engine, "BinaryCreator", ["Sid"], t => t.Long("Sid").Long("Creator"));

        // Answers kept for repeated requests, work that outlives its request, and what is left of a purged resource.
        Table(model, engine, "Idempotency", ["Client", "Name"], t => t
            .Long("Created").Int("Status").Code("Client", 100).Text("Name", 200).Code("Digest", 64).Blob("Answer"), e => e.HasIndex("Created"));
        Table(model, engine, "Job", ["Id"], t => t
            .Long("Created").Long("Updated").Long("LeaseUntil").Code("Id", 64).Code("Kind", 40).Code("State", 20).Code("Client", 100).Code("LeaseOwner", 100)
            .LongText("Progress").Blob("Request").Blob("Answer"), e => e.HasIndex("Kind", "State"));
        Table(model, engine, "Purged", ["Sid"], t => t.Long("Sid").Long("At").Int("Version").Small("Type").Code("Digest", 64));

        // The audit (security.md S-50..S-53). All but the nodes is only ever added to: triggers refuse anything else. A row's key ascends
        // with time; what its records are searched by is filed some thousand records at a time, one posting a term.
        Table(model, engine, "Audit", ["Number"], t => t.Long("Number").Int("Node").Blob("Body").Blob("Mac"));
        Table(model, engine, "AuditPosting", ["Term", "Last"], t => t.Long("Term").Long("Last").Blob("Positions"));
        Table(model, engine, "AuditSegment", ["Last"], t => t
            .Long("Last").Long("First").Long("After").Long("Through").Int("Node").Int("Count").Int("Postings").Code("KeyName", 40).Blob("Mac").Blob("Map"),
            e => e.HasIndex("Node", "Through"));
        Table(model, engine, "AuditSeal", ["Node", "Ordinal"], t => t
            .Long("Ordinal").Long("Sealed").Long("Floor").Int("Node").Int("Count").Code("KeyName", 40).Blob("Members").Blob("Head"));
        Table(model, engine, "AuditCheckpoint", ["Node", "Ordinal"], t => t
            .Long("Ordinal").Long("Made").Long("Total").Int("Node").Code("KeyName", 40).Blob("Head").Blob("Signature"));
        Table(model, engine, "AuditNode", ["Node"], t => t.Long("LeaseUntil").Int("Node").Code("LeaseOwner", 100).Code("Name", 200));

        SubscriptionTables.Describe(model, engine);
    }

    public static void Table(
        ModelBuilder model, SchemaEngine engine, string name, string[] key, Action<Columns> columns, Action<EntityTypeBuilder<Row>>? more = null) =>
        model.SharedTypeEntity<Row>(name, e =>
        {
            e.ToTable(engine.Name(name));
            columns(new Columns(e, engine));
            e.HasKey(key);
            foreach (var property in e.Metadata.GetProperties())
                property.IsNullable = false;
            more?.Invoke(e);
        });

    internal sealed class Columns(EntityTypeBuilder<Row> entity, SchemaEngine engine)
    {
        private int count;

        public Columns Long(string name) => Add<long>(name, null);

        public Columns Int(string name) => Add<int>(name, engine.Int);

        public Columns Small(string name) => Add<short>(name, engine.SmallInt);

        public Columns Bool(string name) => Add<short>(name, engine.Bool);

        public Columns Blob(string name) => Add<byte[]>(name, engine.Blob);

        public Columns Text(string name, int length) => Add<string>(name, engine.Text(length), engine.Collation);

        public Columns Code(string name, int length) => Add<string>(name, engine.Code(length), engine.Collation);

        public Columns LongText(string name) => Add<string>(name, engine.LongText, engine.Collation);

        private Columns Add<T>(string name, string? type, string? collation = null)
        {
            var property = entity.IndexerProperty<T>(name).HasColumnName(engine.Name(name)).HasColumnOrder(count++).ValueGeneratedNever();
            if (type is not null)
                property.HasColumnType(type);
            if (collation is not null)
                property.UseCollation(collation);
            return this;
        }
    }
}
