namespace FhirEmr.FhirServer.Demo;

/// <summary>A quantity a practice measures: LOINC code, UCUM unit and the range values are drawn from.</summary>
internal sealed record Measure(string Loinc, string Display, string Unit, decimal Low, decimal High, int Decimals);

/// <summary>A laboratory panel and its results.</summary>
internal sealed record LabPanel(string Loinc, string Display, IReadOnlyList<Measure> Results);

/// <summary>A problem with its SNOMED CT code and, where a clinician chose one, the ICD-10-CM code.</summary>
/// <param name="Icd10Cm">Null: the billing bridge has to map. A record with only this code sets <paramref name="Snomed"/> to null.</param>
internal sealed record Problem(string? Snomed, string Display, string? Icd10Cm = null);

/// <summary>A SNOMED CT, CVX or RxNorm code with its display.</summary>
internal sealed record Term(string Value, string Display);

/// <summary>What the made-up practices see, do and measure: everyday primary care.</summary>
internal static class ClinicalCatalog
{
    public static readonly Measure BodyTemperature = new("8310-5", "Body temperature", "Cel", 36.4m, 37.2m, 1);
    public static readonly Measure HeartRate = new("8867-4", "Heart rate", "/min", 58m, 92m, 0);
    public static readonly Measure RespiratoryRate = new("9279-1", "Respiratory rate", "/min", 12m, 18m, 0);
    public static readonly Measure OxygenSaturation = new("2708-6", "Oxygen saturation in Arterial blood", "%", 95m, 99m, 0);
    public static readonly Measure BodyHeight = new("8302-2", "Body Height", "cm", 155m, 188m, 1);
    public static readonly Measure BodyWeight = new("29463-7", "Body Weight", "kg", 55m, 104m, 1);
    public static readonly Measure BodyMassIndex = new("39156-5", "Body Mass Index", "kg/m2", 18.5m, 34m, 1);
    public static readonly Measure Systolic = new("8480-6", "Systolic Blood Pressure", "mm[Hg]", 108m, 142m, 0);
    public static readonly Measure Diastolic = new("8462-4", "Diastolic Blood Pressure", "mm[Hg]", 66m, 90m, 0);

    public static readonly LabPanel BasicMetabolic = new("51990-0", "Basic Metabolic Panel",
    [
        new("2339-0", "Glucose", "mg/dL", 72m, 118m, 0),
        new("6299-2", "Urea Nitrogen", "mg/dL", 8m, 20m, 0),
        new("38483-4", "Creatinine", "mg/dL", 0.6m, 1.3m, 2),
        new("49765-1", "Calcium", "mg/dL", 8.6m, 10.2m, 1),
        new("2947-0", "Sodium", "mmol/L", 136m, 144m, 0),
        new("6298-4", "Potassium", "mmol/L", 3.6m, 5.0m, 1),
        new("2069-3", "Chloride", "mmol/L", 100m, 109m, 0),
        new("20565-8", "Carbon Dioxide", "mmol/L", 21m, 29m, 0),
    ]);

    public static readonly LabPanel Lipids = new("57698-3", "Lipid Panel",
    [
        new("2093-3", "Total Cholesterol", "mg/dL", 150m, 235m, 0),
        new("2571-8", "Triglycerides", "mg/dL", 70m, 190m, 0),
        new("18262-6", "Low Density Lipoprotein Cholesterol", "mg/dL", 70m, 150m, 0),
        new("2085-9", "High Density Lipoprotein Cholesterol", "mg/dL", 36m, 68m, 0),
    ]);

    public static readonly LabPanel BloodCount = new("58410-2", "Complete blood count (hemogram) panel - Blood by Automated count",
    [
        new("6690-2", "Leukocytes [#/volume] in Blood by Automated count", "10*3/uL", 4.2m, 10.4m, 1),
        new("789-8", "Erythrocytes [#/volume] in Blood by Automated count", "10*6/uL", 4.0m, 5.6m, 2),
        new("718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL", 12.1m, 17.2m, 1),
        new("4544-3", "Hematocrit [Volume Fraction] of Blood by Automated count", "%", 36m, 50m, 1),
        new("777-3", "Platelets [#/volume] in Blood by Automated count", "10*3/uL", 150m, 400m, 0),
    ]);

    public static readonly LabPanel HemoglobinA1c = new("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood",
    [
        new("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", "%", 5.2m, 8.4m, 1),
    ]);

    public static readonly Problem Pharyngitis = new("195662009", "Acute viral pharyngitis", "J02.8");
    public static readonly Problem StrepThroat = new("43878008", "Streptococcal sore throat", "J02.0");
    public static readonly Problem Bronchitis = new("10509002", "Acute bronchitis", "J20.9");
    public static readonly Problem ViralSinusitis = new("444814009", "Viral sinusitis", "J01.90");
    public static readonly Problem OtitisMedia = new("65363002", "Otitis media", "H66.91");
    public static readonly Problem Hypertension = new("38341003", "Hypertension", "I10");
    public static readonly Problem TypeTwoDiabetes = new("44054006", "Diabetes mellitus type 2", "E11.9");
    public static readonly Problem Hyperlipidemia = new("55822004", "Hyperlipidemia", "E78.5");
    public static readonly Problem Prediabetes = new("15777000", "Prediabetes", "R73.03");
    public static readonly Problem KneeArthritis = new("239873007", "Osteoarthritis of knee", "M17.11");
    public static readonly Problem AnkleSprain = new("44465007", "Sprain of ankle", "S93.401A");
    public static readonly Problem Anemia = new("271737000", "Anemia", "D64.9");
    public static readonly Problem AllergicRhinitis = new("232353008", "Perennial allergic rhinitis with seasonal variation", "J30.2");
    public static readonly Problem Asthma = new("195967001", "Asthma", "J45.909");
    public static readonly Problem UrinaryInfection = new("301011002", "Escherichia coli urinary tract infection", "N39.0");
    public static readonly Problem AdultExam = new(null, "Encounter for general adult medical examination without abnormal findings", "Z00.00");
    public static readonly Problem ChildExam = new(null, "Encounter for routine child health examination without abnormal findings", "Z00.129");
    public static readonly Problem VaccineDue = new(null, "Encounter for immunization", "Z23");
    public static readonly Problem LowBackPain = new("279039007", "Low back pain", "M54.50");
    public static readonly Problem ChronicPain = new("82423001", "Chronic pain", "G89.29");

    /// <summary>Problems a generated record draws its sick visits from.</summary>
    public static IReadOnlyList<Problem> Everyday { get; } =
    [
        Pharyngitis, StrepThroat, Bronchitis, ViralSinusitis, OtitisMedia, KneeArthritis, AnkleSprain, Anemia, AllergicRhinitis,
        UrinaryInfection, LowBackPain, Prediabetes, Hyperlipidemia, Hypertension,
    ];

    public static readonly Term CheckUp = new("185349003", "Encounter for check up (procedure)");
    public static readonly Term Symptom = new("185345009", "Encounter for symptom");
    public static readonly Term ForProblem = new("185347001", "Encounter for problem (procedure)");
    public static readonly Term FollowUp = new("390906007", "Follow-up encounter");
    public static readonly Term Telemedicine = new("448337001", "Telemedicine consultation with patient");
    public static readonly Term Consultation = new("698314001", "Consultation for treatment");
    public static readonly Term AsthmaFollowUp = new("394701000", "Asthma follow-up");
    public static readonly Term PatientEncounter = new("308335008", "Patient encounter procedure");

    public static readonly Term MedicationReview = new("428191000124101", "Documentation of current medications");
    public static readonly Term ThroatCulture = new("117015009", "Throat culture (procedure)");
    public static readonly Term DepressionScreening = new("171207006", "Depression screening");
    public static readonly Term Spirometry = new("127783003", "Spirometry (procedure)");
    public static readonly Term UrineCulture = new("117010004", "Urine culture");

    public static readonly Term Influenza = new("140", "Influenza, seasonal, injectable, preservative free");
    public static readonly Term Tdap = new("115", "Tdap");
    public static readonly Term Pneumococcal = new("133", "Pneumococcal conjugate PCV 13");
    public static readonly Term DTaP = new("20", "DTaP");
    public static readonly Term Mmr = new("03", "MMR");

    public static readonly Term Acetaminophen = new("313782", "Acetaminophen 325 MG Oral Tablet");
    public static readonly Term Ibuprofen = new("310965", "Ibuprofen 200 MG Oral Tablet");
    public static readonly Term AmoxicillinClavulanate = new("562251", "Amoxicillin 250 MG / Clavulanate 125 MG Oral Tablet");
    public static readonly Term Penicillin = new("834061", "Penicillin V Potassium 250 MG Oral Tablet");
    public static readonly Term Naproxen = new("849574", "Naproxen sodium 220 MG Oral Tablet");
    public static readonly Term Lisinopril = new("314076", "lisinopril 10 MG Oral Tablet");
    public static readonly Term Metformin = new("860975", "24 HR Metformin hydrochloride 500 MG Extended Release Oral Tablet");

    /// <summary>RxNorm drugs a generated record draws its prescriptions from.</summary>
    public static IReadOnlyList<Term> Drugs { get; } =
        [Acetaminophen, Ibuprofen, AmoxicillinClavulanate, Penicillin, Naproxen, Lisinopril, Metformin];
}
