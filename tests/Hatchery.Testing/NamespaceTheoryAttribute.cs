using Xunit;

namespace Hatchery.Testing;

/// <summary>As <see cref="NamespaceFactAttribute"/>, once for each row.</summary>
public sealed class NamespaceTheoryAttribute : TheoryAttribute
{
    public NamespaceTheoryAttribute(params string[] tools) => Skip = new NamespaceFactAttribute(tools).Skip;
}
