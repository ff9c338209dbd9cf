using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using FhirEmr.BillingBridge.Tests.Fakes;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Scrubbing;

public class ShinglesTests
{
    [Fact]
    public void A_copy_is_one_and_strangers_are_nothing()
    {
        var text = Shingles.Of(NoteCases.Words(0, 60));

        Assert.Equal(56, text.Count);
        Assert.Equal(1.0, text.Containment(Shingles.Of(NoteCases.Words(0, 60))));
        Assert.Equal(0.0, text.Containment(Shingles.Of(NoteCases.Words(100, 60))));
        Assert.Equal(30, Shingles.LongestRun(NoteCases.Words(0, 60), NoteCases.Words(30, 60)));
    }

    [Fact]
    public void Lists_dates_and_templates_are_not_the_authors_words()
    {
        var note = new Composition
        {
            Section =
            [
                TestPractice.Section("Medications", "Aspirin 81 mg."),
                TestPractice.Section("Plan", "Seen on 2026-03-02. Come back   soon &amp; rest. Return to the clinic if anything changes or gets worse before the next planned visit."),
            ],
        };

        Assert.Equal("seen on. come back soon & rest", NoteText.Of(note, NoteText.Templates(TestTables.Small)));
        Assert.Empty(NoteText.Templates(EditTables.None));
    }
}
