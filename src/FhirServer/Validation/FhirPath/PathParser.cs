using System.Globalization;

namespace FhirEmr.FhirServer.Validation.FhirPath;

/// <summary>FHIRPath text → the tree that is evaluated. Precedence as in the grammar: the loosest operator is read first.</summary>
internal sealed class PathParser
{
    private static readonly string[][] Levels =
    [
        ["implies"], ["or", "xor"], ["and"], ["in", "contains"], ["=", "!=", "~", "!~"], ["<", ">", "<=", ">="], ["|"], ["is", "as"], ["+", "-", "&"], ["*", "/", "div", "mod"],
    ];

    private readonly PathLexer lexer;

    private PathParser(string text)
    {
        lexer = new(text);
        lexer.Next();
    }

    /// <exception cref="FormatException">The text is no FHIRPath, or uses what is not known here.</exception>
    public static PathNode Parse(string text)
    {
        var parser = new PathParser(text);
        var tree = parser.Binary(0);
        return parser.lexer.Kind == TokenKind.End ? tree : throw new FormatException($"'{parser.lexer.Value}' is not expected there.");
    }

    private PathNode Binary(int level)
    {
        if (level == Levels.Length)
            return Unary();
        var left = Binary(level + 1);
        while (!lexer.IsQuoted && lexer.Kind is TokenKind.Symbol or TokenKind.Name && Array.IndexOf(Levels[level], lexer.Value) >= 0)
        {
            var name = lexer.Value;
            lexer.Next();
            left = name is "is" or "as" ? new TypeOperator(name, left, TypeName()) : new BinaryOperator(name, left, Binary(level + 1));
        }

        return left;
    }

    private PathNode Unary()
    {
        if (lexer is { Kind: TokenKind.Symbol, Value: "-" or "+" })
        {
            var isMinus = lexer.Value == "-";
            lexer.Next();
            var value = Unary();
            return isMinus ? new BinaryOperator("-", new Constant(0m), value) : value;
        }

        var term = Term();
        while (lexer.Kind == TokenKind.Symbol && lexer.Value is "." or "[")
        {
            var isIndex = lexer.Value == "[";
            lexer.Next();
            if (isIndex)
            {
                term = new Indexer(term, Binary(0));
                Expect("]");
            }
            else
            {
                term = Invocation(term);
            }
        }

        return term;
    }

    private PathNode Term()
    {
        var (kind, value, quoted) = (lexer.Kind, lexer.Value, lexer.IsQuoted);
        switch (kind)
        {
            case TokenKind.Text:
                lexer.Next();
                return new Constant(value);
            case TokenKind.Number:
                lexer.Next();
                var number = decimal.Parse(value, CultureInfo.InvariantCulture);
                if (lexer.Kind == TokenKind.Text)
                {
                    var unit = lexer.Value;
                    lexer.Next();
                    return new Constant(new PathQuantity(number, unit));
                }

                return new Constant(number);
            case TokenKind.Date:
                lexer.Next();
                return PathDate.TryParse(value.TrimStart('T'), out var date) ? new Constant(date) : throw new FormatException($"@{value} is no date.");
            case TokenKind.Variable:
                lexer.Next();
                return new Variable(value);
            case TokenKind.Symbol when value == "(":
                lexer.Next();
                var inner = Binary(0);
                Expect(")");
                return inner;
            case TokenKind.Symbol when value == "{":
                lexer.Next();
                Expect("}");
                return new Nothing();
            case TokenKind.Name when !quoted && value is "true" or "false":
                lexer.Next();
                return new Constant(value == "true");
            case TokenKind.Name when !quoted && value is "$this":
                lexer.Next();
                return new This();
            case TokenKind.Name when !quoted && value is "$index":
                lexer.Next();
                return new Index();
            case TokenKind.Name:
                return Invocation(null);
            default:
                throw new FormatException($"'{value}' begins no expression.");
        }
    }

    /// <summary>A child element or a function, of the focus or of what stands before the dot.</summary>
    private PathNode Invocation(PathNode? source)
    {
        if (lexer.Kind != TokenKind.Name)
            throw new FormatException($"A name is expected, not '{lexer.Value}'.");
        var name = lexer.Value;
        lexer.Next();
        if (lexer is not { Kind: TokenKind.Symbol, Value: "(" })
            return name == "$this" ? source ?? new This() : new Child(source, name);

        lexer.Next();
        var arguments = new List<PathNode>();
        if (name is "is" or "as" or "ofType")
        {
            var type = TypeName();
            Expect(")");
            return new TypeOperator(name, source ?? new This(), type);
        }

        while (lexer is not { Kind: TokenKind.Symbol, Value: ")" })
        {
            arguments.Add(Binary(0));
            if (lexer is { Kind: TokenKind.Symbol, Value: "," })
                lexer.Next();
            else if (lexer is not { Kind: TokenKind.Symbol, Value: ")" })
                throw new FormatException($"')' is expected, not '{lexer.Value}'.");
        }

        lexer.Next();
        return Functions.Find(name) is { } function ? new Call(source ?? new This(), function, [.. arguments]) : throw new FormatException($"The function {name}() is not known here.");
    }

    private string TypeName()
    {
        var name = lexer.Kind == TokenKind.Name ? lexer.Value : throw new FormatException("The name of a type is expected.");
        lexer.Next();
        while (lexer is { Kind: TokenKind.Symbol, Value: "." })
        {
            lexer.Next();
            (name, _) = (lexer.Value, lexer.Kind == TokenKind.Name ? 0 : throw new FormatException("The name of a type is expected."));
            lexer.Next();
        }

        return name;
    }

    private void Expect(string symbol)
    {
        if (lexer.Kind != TokenKind.Symbol || lexer.Value != symbol)
            throw new FormatException($"'{symbol}' is expected, not '{lexer.Value}'.");
        lexer.Next();
    }
}
