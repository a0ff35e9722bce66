namespace Pbm.Tests;

/// <summary>The console as a script sees it. There is only one in a process: whoever uses it is in <see cref="ConsoleCollection"/>.</summary>
internal sealed class ConsoleScript : IDisposable
{
    private readonly (TextReader In, TextWriter Out, TextWriter Error) _before = (
        Console.In,
        Console.Out,
        Console.Error
    );
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();

    public ConsoleScript(params string[] lines)
    {
        Console.SetIn(new StringReader(string.Join('\n', lines)));
        Console.SetOut(_output);
        Console.SetError(_errors);
    }

    public string Output => _output.ToString();

    public string Errors => _errors.ToString();

    public void Dispose()
    {
        Console.SetIn(_before.In);
        Console.SetOut(_before.Out);
        Console.SetError(_before.Error);
    }
}

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ConsoleCollection
{
    public const string Name = "console";
}
