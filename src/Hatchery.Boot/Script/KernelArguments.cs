using System.Diagnostics.CodeAnalysis;

namespace Hatchery.Boot;

/// <summary>What may stand on a kernel's command line that goes through an iPXE script.</summary>
public static class KernelArguments
{
    /// <summary>Whether it can stand on one line of a script, where iPXE has no quoting.</summary>
    public static bool AreSafe(string arguments, [NotNullWhen(false)] out string? reason)
    {
        reason =
            arguments.Length > 2000 ? "it is longer than 2000 characters"
            : arguments.Any(c => c is < ' ' or > '~') ? "it holds a character that is not printable ASCII"
            : arguments.Contains("${", StringComparison.Ordinal) ? "it holds ${, which iPXE would expand"
            : arguments.Split(' ').Any(word => word is "||" or "&&" or ";")
                ? "it holds a word that iPXE takes for an operator"
            : null;
        return reason is null;
    }
}
