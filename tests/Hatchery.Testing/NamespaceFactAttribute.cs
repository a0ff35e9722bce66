namespace Hatchery.Testing;

/// <summary>A test in a <see cref="NetNamespace"/>: needs root, <c>ip</c>, and the named programs.</summary>
public class NamespaceFactAttribute : ToolFactAttribute
{
    public NamespaceFactAttribute(params string[] tools)
        : base([.. tools, "ip"])
    {
        if (!Environment.IsPrivilegedProcess)
            Skip = "needs root, to make network namespaces";
    }
}
