// tally.cs FOLDER: what run.sh left there (NAME.exit, NAME.log, NAME.trx) as skip reasons, failures and the last line.
#:property PublishAot=false
using System.Xml.Linq;

const int LinesOfALog = 30;
XNamespace trx = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";
var folder = args[0];
var results = Directory.GetFiles(folder, "*.trx").Order(StringComparer.Ordinal).SelectMany(Read).ToArray();
var passed = results.Count(r => r.Outcome == "Passed");
var skipped = results.Where(r => r.Outcome == "NotExecuted").ToArray();
var failed = results.Where(r => r.Outcome is not ("Passed" or "NotExecuted")).ToArray();

foreach (var reason in skipped.GroupBy(r => r.Message, StringComparer.Ordinal))
    Console.WriteLine($"skipped: {reason.Key}: {string.Join(", ", reason.Select(r => r.Test))}");
foreach (var result in failed)
    Console.WriteLine($"\nFAILED {result.Test}\n{result.Message}\n{result.Trace}");

// A step that failed without a failing test to show for it (a crash, a time limit, a check) counts as one.
var broken = Directory
    .GetFiles(folder, "*.exit")
    .Where(f => File.ReadAllText(f).Trim() != "0")
    .Select(f => Path.GetFileNameWithoutExtension(f))
    .Where(name => !failed.Any(r => r.Project == name))
    .ToArray();
foreach (var name in broken)
{
    Console.WriteLine($"\nFAILED {name}");
    foreach (var line in File.ReadLines(Path.Combine(folder, name + ".log")).TakeLast(LinesOfALog))
        Console.WriteLine("  " + line);
}

Console.WriteLine($"{passed} passed, {failed.Length + broken.Length} failed, {skipped.Length} skipped");
return failed.Length + broken.Length == 0 && passed > 0 ? 0 : 1;

IEnumerable<Result> Read(string file)
{
    foreach (var result in XDocument.Load(file).Descendants(trx + "UnitTestResult"))
    {
        var output = result.Element(trx + "Output");
        var error = output?.Element(trx + "ErrorInfo");
        yield return new(
            Path.GetFileNameWithoutExtension(file),
            (string?)result.Attribute("testName") ?? "",
            (string?)result.Attribute("outcome") ?? "",
            ((string?)error?.Element(trx + "Message") ?? (string?)output?.Element(trx + "StdOut") ?? "").Trim(),
            (string?)error?.Element(trx + "StackTrace") ?? ""
        );
    }
}

internal sealed record Result(string Project, string Test, string Outcome, string Message, string Trace);
