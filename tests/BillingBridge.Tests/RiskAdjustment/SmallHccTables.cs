using FhirEmr.BillingBridge.RiskAdjustment;

namespace FhirEmr.BillingBridge.Tests.RiskAdjustment;

/// <summary>Tables of the year 2031 with a handful of made-up rows in CMS's layouts, in a folder of their own.</summary>
internal sealed class SmallHccTables : IDisposable
{
    public const int Year = 2031;

    public SmallHccTables()
    {
        Write("ra_dx_to_cc_2031.csv", "diagnosis_code,cc,model_name\nA1,37,CMS-HCC Model V28\nA2,38,CMS-HCC Model V28\nA3,223,CMS-HCC Model V28\nA4,226,CMS-HCC Model V28\n"
            + "A5,280,CMS-HCC Model V28\nA6,22,CMS-HCC Model V28\nA7,35,CMS-HCC Model V28\nA8,36,CMS-HCC Model V28\nA9,999,CMS-HCC Model V28\nA1,18,CMS-HCC Model V24\nA1,99,RxHCC Model V08\n");
        Write("ra_hierarchies_2031.csv", "cc_parent,cc_child,model_domain,model_version,model_fullname\n35,36,CMS-HCC,V28,x\n36,37,CMS-HCC,V28,x\n37,38,CMS-HCC,V28,x\n37,280,RxHCC,V28,x\n");
        Write("ra_coefficients_2031.csv", "coefficient,value,model_domain,model_version\n" + string.Concat(Coefficients.Select(c => $"{c},CMS-HCC,C28\n"))
            + "CNA_F70_74,0.3,CMS-HCC,C24\nCNA_HCC18,0.2,CMS-HCC,C24\nCNA_HCC37,9,ESRD,D28\n");
        Write("ra_eligible_cpt_hcpcs_2031.csv", "cpt_hcpcs_code\n99213\nG0439\n");
        Write("ra_dx_edits.csv", "icd10,edit_type,sex,age_min,age_max,action,cc_override,model_name,description\nA5,age,,,17,invalid,,CMS-HCC Model V28,\"young, not chronic\"\nA6,sex,2,,,override,38,CMS-HCC Model V28,x\nA2,age,,80,,invalid,,CMS-HCC Model V28,x\n");
        Write("hcc_is_chronic.csv", "hcc,is_chronic,model_version,model_domain\nHCC37,Y,V28,CMS-HCC\nHCC38,,V28,CMS-HCC\nHCC226,Y,V28,CMS-HCC ESRD\n");
        Write("ra_labels_2031.csv", "cc,label,model_domain,model_version,model_fullname\nHCC37,\"Made-up, with a comma\",CMS-HCC,V28,x\n");
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("hcc-tables-").FullName;

    public HccTables Tables => HccTables.Read(Folder, Year);

    private static IEnumerable<string> Coefficients =>
    [
        "CNA_F70_74,0.4", "CNA_M70_74,0.5", "CND_F60_64,0.6", "CFA_F70_74,0.41", "CPA_F70_74,0.42", "INS_F70_74,1.1", "INS_F60_64,1.2", "INS_LTIMCAID,0.13", "CNA_F80_84,0.7",
        "CNA_originallydisabled_female,0.25", "CNA_HCC35,0.1", "CNA_HCC36,0.1", "CNA_HCC37,0.1", "CNA_HCC38,0.05", "CNA_HCC223,0.2", "CNA_HCC226,0.3", "CNA_HCC280,0.15", "CNA_HCC22,0.08",
        "CNA_DIABETES_HF_V28,0.01", "CNA_D1,0.001", "CNA_D2,0.002", "INS_HCC226,0.5", "INS_DISABLED_HF_V28,0.07", "CNA_DISABLED_CANCER_V28,0.9",
        "NE_NMCAID_NORIGDIS_NEF65,0.5", "NE_NMCAID_ORIGDIS_NEF66,0.9", "NE_MCAID_NORIGDIS_NEF60_64,1.4", "SNPNE_NMCAID_NORIGDIS_NEF70_74,0.8",
    ];

    public void Write(string file, string text) => File.WriteAllText(Path.Combine(Folder, file), text);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
