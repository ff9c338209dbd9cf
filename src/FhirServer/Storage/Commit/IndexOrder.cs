using FhirEmr.FhirServer.Search.Indexing;

namespace FhirEmr.FhirServer.Storage.Commit;

/// <summary>Key order of each index table: rows inserted in it touch each page once.</summary>
internal static class IndexOrder
{
    internal readonly struct Tokens : IComparer<IndexEntry<TokenRow>>
    {
        public int Compare(IndexEntry<TokenRow> x, IndexEntry<TokenRow> y)
        {
            var c = x.Row.Param.CompareTo(y.Row.Param);
            if (c == 0) c = x.Row.Hash.CompareTo(y.Row.Hash);
            if (c == 0) c = x.Owner.CompareTo(y.Owner);
            if (c == 0) c = x.Sid.CompareTo(y.Sid);
            return c != 0 ? c : x.Row.System.CompareTo(y.Row.System);
        }
    }

    internal readonly struct References : IComparer<IndexEntry<ReferenceRow>>
    {
        public int Compare(IndexEntry<ReferenceRow> x, IndexEntry<ReferenceRow> y)
        {
            var c = x.Row.Param.CompareTo(y.Row.Param);
            if (c == 0) c = x.Row.Target.CompareTo(y.Row.Target);
            if (c == 0) c = x.Sid.CompareTo(y.Sid);
            return c != 0 ? c : x.Owner.CompareTo(y.Owner);
        }
    }

    internal readonly struct Dates : IComparer<IndexEntry<DateRow>>
    {
        public int Compare(IndexEntry<DateRow> x, IndexEntry<DateRow> y)
        {
            var c = x.Row.Param.CompareTo(y.Row.Param);
            if (c == 0) c = x.Owner.CompareTo(y.Owner);
            if (c == 0) c = x.Row.Lo.CompareTo(y.Row.Lo);
            if (c == 0) c = x.Row.Hi.CompareTo(y.Row.Hi);
            if (c == 0) c = x.Sid.CompareTo(y.Sid);
            if (c == 0) c = x.Row.DayLo.CompareTo(y.Row.DayLo);
            return c != 0 ? c : x.Row.DayHi.CompareTo(y.Row.DayHi);
        }
    }

    internal readonly struct Strings : IComparer<IndexEntry<StringRow>>
    {
        public int Compare(IndexEntry<StringRow> x, IndexEntry<StringRow> y)
        {
            var c = x.Row.Param.CompareTo(y.Row.Param);
            if (c == 0) c = string.CompareOrdinal(x.Row.Folded, y.Row.Folded);
            if (c == 0) c = string.CompareOrdinal(x.Row.Exact, y.Row.Exact);
            if (c == 0) c = x.Owner.CompareTo(y.Owner);
            return c != 0 ? c : x.Sid.CompareTo(y.Sid);
        }
    }

    internal readonly struct Numbers : IComparer<IndexEntry<NumberRow>>
    {
        public int Compare(IndexEntry<NumberRow> x, IndexEntry<NumberRow> y)
        {
            var c = x.Row.Param.CompareTo(y.Row.Param);
            if (c == 0) c = string.CompareOrdinal(x.Row.Value, y.Row.Value);
            if (c == 0) c = x.Owner.CompareTo(y.Owner);
            return c != 0 ? c : x.Sid.CompareTo(y.Sid);
        }
    }

    internal readonly struct Quantities : IComparer<IndexEntry<QuantityRow>>
    {
        public int Compare(IndexEntry<QuantityRow> x, IndexEntry<QuantityRow> y)
        {
            var c = x.Row.Param.CompareTo(y.Row.Param);
            if (c == 0) c = x.Row.Unit.CompareTo(y.Row.Unit);
            if (c == 0) c = string.CompareOrdinal(x.Row.Value, y.Row.Value);
            if (c == 0) c = x.Owner.CompareTo(y.Owner);
            return c != 0 ? c : x.Sid.CompareTo(y.Sid);
        }
    }

    internal readonly struct Uris : IComparer<IndexEntry<UriRow>>
    {
        public int Compare(IndexEntry<UriRow> x, IndexEntry<UriRow> y)
        {
            var c = x.Row.Param.CompareTo(y.Row.Param);
            if (c == 0) c = string.CompareOrdinal(x.Row.Value, y.Row.Value);
            if (c == 0) c = x.Sid.CompareTo(y.Sid);
            return c != 0 ? c : x.Owner.CompareTo(y.Owner);
        }
    }

    internal readonly struct Composites : IComparer<IndexEntry<CompositeRow>>
    {
        public int Compare(IndexEntry<CompositeRow> x, IndexEntry<CompositeRow> y)
        {
            var c = x.Row.Param.CompareTo(y.Row.Param);
            if (c == 0) c = x.Row.Hash.CompareTo(y.Row.Hash);
            if (c == 0) c = x.Row.Unit.CompareTo(y.Row.Unit);
            if (c == 0) c = string.CompareOrdinal(x.Row.Value, y.Row.Value);
            if (c == 0) c = x.Owner.CompareTo(y.Owner);
            if (c == 0) c = x.Sid.CompareTo(y.Sid);
            return c != 0 ? c : x.Row.System.CompareTo(y.Row.System);
        }
    }
}
