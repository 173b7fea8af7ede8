<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN">
<context>
    <name>EmptyPage</name>
    <message>
        <source>Write what it is about, in any language. Files are found by meaning and by words.</source>
        <translation>用任何语言写下文件讲的是什么，程序会按语义和关键词查找。</translation>
    </message>
    <message>
        <source>Opening the index…</source>
        <translation>正在打开索引…</translation>
    </message>
    <message>
        <source>1 file is ready to search</source>
        <translation>可搜索 1 个文件</translation>
    </message>
    <message>
        <source>{count} files are ready to search</source>
        <translation>可搜索 {count} 个文件</translation>
    </message>
    <message>
        <source>these words, one after the other</source>
        <translation>这些词按此顺序连续出现</translation>
    </message>
    <message>
        <source>without a word</source>
        <translation>不含某个词</translation>
    </message>
    <message>
        <source>only one type of file</source>
        <translation>只找一种类型的文件</translation>
    </message>
    <message>
        <source>changed in the past month</source>
        <translation>最近一个月内修改过</translation>
    </message>
    <message>
        <source>part of the file&apos;s name</source>
        <translation>文件名的一部分</translation>
    </message>
    <message>
        <source>only one language</source>
        <translation>只找一种语言</translation>
    </message>
</context>
<context>
    <name>FileModel</name>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Modified</source>
        <translation>修改时间</translation>
    </message>
    <message>
        <source>Passages</source>
        <translation>段落</translation>
    </message>
</context>
<context>
    <name>FilePane</name>
    <message>
        <source>Show files by state</source>
        <translation>按状态显示文件</translation>
    </message>
    <message>
        <source>Filter by name</source>
        <translation>按名称筛选</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Read the selected files once more</source>
        <translation>重新读取所选文件</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>All states</source>
        <translation>所有状态</translation>
    </message>
    <message>
        <source>Files in all folders</source>
        <translation>所有文件夹中的文件</translation>
    </message>
    <message>
        <source>Files in {folder}</source>
        <translation>{folder} 中的文件</translation>
    </message>
    <message>
        <source>No file passes the filter</source>
        <translation>没有符合筛选条件的文件</translation>
    </message>
    <message>
        <source>No files yet</source>
        <translation>还没有文件</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>在文件夹中显示</translation>
    </message>
    <message>
        <source>Why is it not found?</source>
        <translation>为什么找不到它？</translation>
    </message>
    <message>
        <source>Copy path</source>
        <translation>复制路径</translation>
    </message>
    <message>
        <source>Copy reason</source>
        <translation>复制原因</translation>
    </message>
</context>
<context>
    <name>FilterBar</name>
    <message>
        <source>Type</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Any type</source>
        <translation>所有类型</translation>
    </message>
    <message>
        <source>Date</source>
        <translation>日期</translation>
    </message>
    <message>
        <source>Any time</source>
        <translation>任何时间</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>All folders</source>
        <translation>所有文件夹</translation>
    </message>
    <message>
        <source>PDF</source>
        <translation>PDF</translation>
    </message>
    <message>
        <source>Documents</source>
        <translation>文档</translation>
    </message>
    <message>
        <source>Text and Markdown</source>
        <translation>文本和 Markdown</translation>
    </message>
    <message>
        <source>Web pages</source>
        <translation>网页</translation>
    </message>
    <message>
        <source>E-books</source>
        <translation>电子书</translation>
    </message>
    <message>
        <source>Presentations</source>
        <translation>演示文稿</translation>
    </message>
    <message>
        <source>Spreadsheets and tables</source>
        <translation>电子表格和数据表</translation>
    </message>
    <message>
        <source>E-mail</source>
        <translation>电子邮件</translation>
    </message>
    <message>
        <source>Code and notebooks</source>
        <translation>代码和笔记本</translation>
    </message>
    <message>
        <source>Pictures</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>今天</translation>
    </message>
    <message>
        <source>Past week</source>
        <translation>最近一周</translation>
    </message>
    <message>
        <source>Past month</source>
        <translation>最近一个月</translation>
    </message>
    <message>
        <source>Past year</source>
        <translation>最近一年</translation>
    </message>
</context>
<context>
    <name>FirstStart</name>
    <message>
        <source>Another folder…</source>
        <translation>其他文件夹…</translation>
    </message>
    <message>
        <source>Start searching</source>
        <translation>开始搜索</translation>
    </message>
    <message>
        <source>Find your files by what they mean</source>
        <translation>按内容含义查找您的文件</translation>
    </message>
    <message>
        <source>Which folders do you want to search?</source>
        <translation>您想搜索哪些文件夹？</translation>
    </message>
    <message>
        <source>Nothing leaves this computer. Your files are only read, never changed.</source>
        <translation>任何内容都不会离开这台电脑。您的文件只会被读取，绝不会被更改。</translation>
    </message>
    <message>
        <source>Your documents</source>
        <translation>您的文档</translation>
    </message>
    <message>
        <source>A few letters, notes and tables in ten languages, to try the search on</source>
        <translation>十种语言的若干信件、笔记和表格，供您试用搜索</translation>
    </message>
    <message>
        <source>Sample documents</source>
        <translation>示例文档</translation>
    </message>
    <message>
        <source>Choose a folder to search</source>
        <translation>选择要搜索的文件夹</translation>
    </message>
</context>
<context>
    <name>FolderView</name>
    <message>
        <source>Watched folders</source>
        <translation>监视的文件夹</translation>
    </message>
</context>
<context>
    <name>FoldersWindow</name>
    <message>
        <source>Folders</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>Add folder…</source>
        <translation>添加文件夹…</translation>
    </message>
    <message>
        <source>Look for changes</source>
        <translation>检查更改</translation>
    </message>
    <message>
        <source>Stop watching…</source>
        <translation>停止监视…</translation>
    </message>
    <message>
        <source>Watched folders</source>
        <translation>监视的文件夹</translation>
    </message>
    <message>
        <source>Choose a folder to watch</source>
        <translation>选择要监视的文件夹</translation>
    </message>
    <message>
        <source>Stop watching</source>
        <translation>停止监视</translation>
    </message>
    <message>
        <source>Stop watching “{folder}”?</source>
        <translation>要停止监视“{folder}”吗？</translation>
    </message>
    <message>
        <source>Only what Cognate knows about its files is dropped. The files stay as they are.</source>
        <translation>只会删除 Cognate 为其中文件建立的索引，文件本身保持原样。</translation>
    </message>
</context>
<context>
    <name>GeneralPage</name>
    <message>
        <source>As the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Start Cognate when I log in</source>
        <translation>登录时启动 Cognate</translation>
    </message>
    <message>
        <source>Start in the tray, without a window</source>
        <translation>启动到系统托盘，不显示窗口</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Counts from the next start on.</source>
        <translation>下次启动后生效。</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>启动</translation>
    </message>
    <message>
        <source>Shortcut</source>
        <translation>快捷键</translation>
    </message>
    <message>
        <source>This desktop lets no program take a shortcut by itself: in its keyboard settings, give the command “cognate show” a shortcut.</source>
        <translation>此桌面不允许程序自行设置快捷键：请在系统的键盘设置中为命令“cognate show”指定一个快捷键。</translation>
    </message>
    <message>
        <source>Brings the search window up from anywhere.</source>
        <translation>随时随地唤出搜索窗口。</translation>
    </message>
</context>
<context>
    <name>HitActions</name>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Show in the file manager</source>
        <translation>在文件管理器中显示</translation>
    </message>
    <message>
        <source>Copy path</source>
        <translation>复制路径</translation>
    </message>
    <message>
        <source>Copy passage</source>
        <translation>复制段落</translation>
    </message>
    <message>
        <source>Find similar files</source>
        <translation>查找相似文件</translation>
    </message>
    <message>
        <source>Find similar to this passage</source>
        <translation>查找与此段落相似的文件</translation>
    </message>
    <message>
        <source>Why is it found?</source>
        <translation>为什么找到它？</translation>
    </message>
    <message>
        <source>Relevance: {score} %</source>
        <translation>相关度：{score}%</translation>
    </message>
    <message>
        <source>Place by meaning: {rank}</source>
        <translation>语义排名：{rank}</translation>
    </message>
    <message>
        <source>Place by words: {rank}</source>
        <translation>关键词排名：{rank}</translation>
    </message>
    <message>
        <source>Place by both: {rank}</source>
        <translation>综合排名：{rank}</translation>
    </message>
    <message>
        <source>Under: {heading}</source>
        <translation>所在标题：{heading}</translation>
    </message>
    <message>
        <source>No explanation</source>
        <translation>没有说明</translation>
    </message>
</context>
<context>
    <name>ImageView</name>
    <message>
        <source>Picture</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>{width} by {height} pixels</source>
        <translation>{width} × {height} 像素</translation>
    </message>
</context>
<context>
    <name>IndexingPage</name>
    <message>
        <source>Leave out</source>
        <translation>排除</translation>
    </message>
    <message>
        <source>Leave out what .gitignore files name</source>
        <translation>排除 .gitignore 文件列出的内容</translation>
    </message>
    <message>
        <source>while the computer runs on battery</source>
        <translation>电脑使用电池供电时</translation>
    </message>
    <message>
        <source>while other programs keep the processor busy</source>
        <translation>其他程序占用处理器时</translation>
    </message>
    <message>
        <source>while a program fills the screen</source>
        <translation>有程序全屏显示时</translation>
    </message>
    <message>
        <source>while other programs use the graphics card</source>
        <translation>其他程序使用显卡时</translation>
    </message>
    <message>
        <source>“{pattern}” can match no file: mend or remove it.</source>
        <translation>“{pattern}”无法匹配任何文件：请修正或删除它。</translation>
    </message>
    <message>
        <source>One pattern a line, written as in .gitignore. Version control, caches and temporary files are left out anyway.</source>
        <translation>每行一个模式，写法与 .gitignore 相同。版本控制数据、缓存和临时文件总会被排除。</translation>
    </message>
    <message>
        <source>Largest file</source>
        <translation>文件大小上限</translation>
    </message>
    <message>
        <source>Larger files are found by their names only.</source>
        <translation>更大的文件只能按文件名找到。</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停索引</translation>
    </message>
    <message>
        <source>Changes on this page count from the next start on.</source>
        <translation>本页的更改在下次启动后生效。</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Menu (F10)</source>
        <translation>菜单 (F10)</translation>
    </message>
    <message>
        <source>Drop it to find similar files</source>
        <translation>松开鼠标即可查找相似文件</translation>
    </message>
    <message>
        <source>Find similar to a file…</source>
        <translation>查找与某个文件相似的文件…</translation>
    </message>
    <message>
        <source>Find similar to the clipboard</source>
        <translation>查找与剪贴板内容相似的文件</translation>
    </message>
    <message>
        <source>Folders…</source>
        <translation>文件夹…</translation>
    </message>
    <message>
        <source>Settings…</source>
        <translation>设置…</translation>
    </message>
    <message>
        <source>Earlier searches</source>
        <translation>以前的搜索</translation>
    </message>
    <message>
        <source>Forget earlier searches</source>
        <translation>清除以前的搜索</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>Find similar to a file</source>
        <translation>查找与某个文件相似的文件</translation>
    </message>
</context>
<context>
    <name>MarkupView</name>
    <message>
        <source>Text of the file</source>
        <translation>文件的文本</translation>
    </message>
</context>
<context>
    <name>ModelPage</name>
    <message>
        <source>Built-in</source>
        <translation>内置</translation>
    </message>
    <message>
        <source>Ready at once on any computer, for many languages.</source>
        <translation>在任何电脑上立即可用，支持多种语言。</translation>
    </message>
    <message>
        <source>Installed.</source>
        <translation>已安装。</translation>
    </message>
    <message>
        <source>Not installed here.</source>
        <translation>未在此处安装。</translation>
    </message>
    <message>
        <source>Larger models understand more and need a graphics card for large folders. “cognate models install NAME” in a terminal fetches one. Search goes on with the old model until the new one has read everything.</source>
        <translation>更大的模型理解能力更强，但处理大型文件夹需要显卡。在终端中运行“cognate models install 名称”即可下载模型。在新模型读完所有内容之前，搜索仍使用旧模型。</translation>
    </message>
    <message>
        <source>Counts from the next start on.</source>
        <translation>下次启动后生效。</translation>
    </message>
</context>
<context>
    <name>PageRenderer</name>
    <message>
        <source>The pages of this file can&apos;t be shown.</source>
        <translation>无法显示此文件的页面。</translation>
    </message>
</context>
<context>
    <name>PagesView</name>
    <message>
        <source>Pages of the file</source>
        <translation>文件的页面</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Page</source>
        <translation>页</translation>
    </message>
    <message>
        <source>Previous page</source>
        <translation>上一页</translation>
    </message>
    <message>
        <source>Next page</source>
        <translation>下一页</translation>
    </message>
    <message>
        <source>Smaller</source>
        <translation>缩小</translation>
    </message>
    <message>
        <source>Larger</source>
        <translation>放大</translation>
    </message>
</context>
<context>
    <name>Preferences</name>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>General</source>
        <translation>常规</translation>
    </message>
    <message>
        <source>Indexing</source>
        <translation>索引</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
</context>
<context>
    <name>Preview</name>
    <message>
        <source>This file is not there any more. When it was indexed, it said:</source>
        <translation>此文件已不存在。建立索引时的内容是：</translation>
    </message>
    <message>
        <source>This file can&apos;t be read ({reason}). When it was indexed, it said:</source>
        <translation>无法读取此文件（{reason}）。建立索引时的内容是：</translation>
    </message>
    <message>
        <source>There is no text in this file to show.</source>
        <translation>此文件中没有可显示的文本。</translation>
    </message>
    <message>
        <source>This is a part of a large file, around the passage that was found.</source>
        <translation>这是一个大文件的一部分，即找到的段落附近的内容。</translation>
    </message>
    <message>
        <source>Find similar to selection</source>
        <translation>查找与所选内容相似的文件</translation>
    </message>
</context>
<context>
    <name>PreviewHeader</name>
    <message>
        <source>Open (Enter)</source>
        <translation>打开 (Enter)</translation>
    </message>
    <message>
        <source>Show in the file manager (Ctrl+Enter)</source>
        <translation>在文件管理器中显示 (Ctrl+Enter)</translation>
    </message>
    <message>
        <source>Copy path (Ctrl+Shift+C)</source>
        <translation>复制路径 (Ctrl+Shift+C)</translation>
    </message>
    <message>
        <source>Find similar files</source>
        <translation>查找相似文件</translation>
    </message>
</context>
<context>
    <name>Results</name>
    <message>
        <source>p. {page}</source>
        <translation>第 {page} 页</translation>
    </message>
    <message>
        <source>line {line}</source>
        <translation>第 {line} 行</translation>
    </message>
    <message>
        <source>both</source>
        <translation>语义+关键词</translation>
    </message>
    <message>
        <source>words</source>
        <translation>关键词</translation>
    </message>
    <message>
        <source>meaning</source>
        <translation>语义</translation>
    </message>
    <message>
        <source>Found by its meaning and by its words</source>
        <translation>按语义和关键词找到</translation>
    </message>
    <message>
        <source>Found by its words</source>
        <translation>按关键词找到</translation>
    </message>
    <message>
        <source>Found by its meaning</source>
        <translation>按语义找到</translation>
    </message>
    <message>
        <source>{why} · relevance {score} %</source>
        <translation>{why} · 相关度 {score}%</translation>
    </message>
    <message>
        <source>The same content is also here:</source>
        <translation>相同的内容还在这里：</translation>
    </message>
</context>
<context>
    <name>ResultsView</name>
    <message>
        <source>Results</source>
        <translation>结果</translation>
    </message>
</context>
<context>
    <name>SearchBox</name>
    <message>
        <source>What are you looking for? Any words, any language</source>
        <translation>您在找什么？任何词语，任何语言</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>搜索</translation>
    </message>
    <message>
        <source>Earlier searches</source>
        <translation>以前的搜索</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>清除</translation>
    </message>
</context>
<context>
    <name>SearchPage</name>
    <message>
        <source>Try other words, or fewer of them.</source>
        <translation>请换一些词，或减少词的数量。</translation>
    </message>
    <message>
        <source>Nothing close enough</source>
        <translation>没有足够接近的结果</translation>
    </message>
    <message>
        <source>This search can&apos;t be made</source>
        <translation>无法进行此搜索</translation>
    </message>
    <message>
        <source>The index can&apos;t be opened</source>
        <translation>无法打开索引</translation>
    </message>
    <message>
        <source>{ms} ms</source>
        <translation>{ms} 毫秒</translation>
    </message>
    <message>
        <source>1 result</source>
        <translation>1 个结果</translation>
    </message>
    <message>
        <source>{count} results</source>
        <translation>{count} 个结果</translation>
    </message>
</context>
<context>
    <name>ShortcutSheet</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
    <message>
        <source>Go to the search box</source>
        <translation>转到搜索框</translation>
    </message>
    <message>
        <source>From the box to the results</source>
        <translation>从搜索框到结果列表</translation>
    </message>
    <message>
        <source>Open the file</source>
        <translation>打开文件</translation>
    </message>
    <message>
        <source>Show it in the file manager</source>
        <translation>在文件管理器中显示</translation>
    </message>
    <message>
        <source>Copy its path</source>
        <translation>复制路径</translation>
    </message>
    <message>
        <source>Find similar files</source>
        <translation>查找相似文件</translation>
    </message>
    <message>
        <source>Find similar to a file…</source>
        <translation>查找与某个文件相似的文件…</translation>
    </message>
    <message>
        <source>Find similar to the clipboard</source>
        <translation>查找与剪贴板内容相似的文件</translation>
    </message>
    <message>
        <source>Back to the search before</source>
        <translation>回到上一次搜索</translation>
    </message>
    <message>
        <source>Back, clear, then hide the window</source>
        <translation>后退、清除，然后隐藏窗口</translation>
    </message>
    <message>
        <source>Between results and preview</source>
        <translation>在结果和预览之间切换</translation>
    </message>
    <message>
        <source>Folders and files</source>
        <translation>文件夹和文件</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>This sheet</source>
        <translation>显示此列表</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
</context>
<context>
    <name>SimilarChip</name>
    <message>
        <source>Back to the search before (Esc)</source>
        <translation>回到上一次搜索 (Esc)</translation>
    </message>
    <message>
        <source>Similar to {name}</source>
        <translation>与 {name} 相似</translation>
    </message>
</context>
<context>
    <name>StatusLine</name>
    <message>
        <source>Progress of indexing</source>
        <translation>索引进度</translation>
    </message>
    <message>
        <source>Pause indexing</source>
        <translation>暂停索引</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>正在启动…</translation>
    </message>
    <message>
        <source>Resume indexing</source>
        <translation>继续索引</translation>
    </message>
    <message>
        <source>1 file searchable</source>
        <translation>可搜索 1 个文件</translation>
    </message>
    <message>
        <source>{count} files searchable</source>
        <translation>可搜索 {count} 个文件</translation>
    </message>
    <message>
        <source>Folders and files</source>
        <translation>文件夹和文件</translation>
    </message>
</context>
<context>
    <name>Task</name>
    <message>
        <source>Something went wrong ({name}). The log has the details.</source>
        <translation>出现了问题（{name}）。详情请见日志。</translation>
    </message>
</context>
<context>
    <name>TextView</name>
    <message>
        <source>Text of the file</source>
        <translation>文件的文本</translation>
    </message>
</context>
<context>
    <name>Tray</name>
    <message>
        <source>Search</source>
        <translation>搜索</translation>
    </message>
    <message>
        <source>Pause indexing</source>
        <translation>暂停索引</translation>
    </message>
    <message>
        <source>Resume indexing</source>
        <translation>继续索引</translation>
    </message>
    <message>
        <source>Folders…</source>
        <translation>文件夹…</translation>
    </message>
    <message>
        <source>Settings…</source>
        <translation>设置…</translation>
    </message>
    <message>
        <source>Quit Cognate</source>
        <translation>退出 Cognate</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>正在启动…</translation>
    </message>
</context>
<context>
    <name>WhyPanel</name>
    <message>
        <source>Type the path of a file, or drop the file here</source>
        <translation>输入文件路径，或把文件拖到这里</translation>
    </message>
    <message>
        <source>File that is not found</source>
        <translation>找不到的文件</translation>
    </message>
    <message>
        <source>Searched for (optional)</source>
        <translation>搜索的内容（可选）</translation>
    </message>
    <message>
        <source>What the file was searched for</source>
        <translation>用来搜索该文件的内容</translation>
    </message>
    <message>
        <source>Explain</source>
        <translation>说明原因</translation>
    </message>
    <message>
        <source>Why isn&apos;t a file found?</source>
        <translation>为什么找不到某个文件？</translation>
    </message>
    <message>
        <source>“{name}” is in no watched folder.</source>
        <translation>“{name}”不在任何监视的文件夹中。</translation>
    </message>
    <message>
        <source>Its place in the queue is {place}.</source>
        <translation>它在队列中排第 {place} 位。</translation>
    </message>
    <message numerus="yes">
        <source>%Ln passage(s) of it can be found.</source>
        <translation>
            <numerusform>其中 %Ln 个段落可以被找到。</numerusform>
        </translation>
    </message>
    <message>
        <source>For “{query}” it is not among the results.</source>
        <translation>搜索“{query}”时，它不在结果中。</translation>
    </message>
    <message>
        <source>For “{query}” it is result {rank} (by words: {words}, by meaning: {meaning}).</source>
        <translation>搜索“{query}”时，它排在第 {rank} 位（按关键词：{words}，按语义：{meaning}）。</translation>
    </message>
</context>
<context>
    <name>Wording</name>
    <message numerus="yes">
        <source>%Ln file(s)</source>
        <translation>
            <numerusform>%Ln 个文件</numerusform>
        </translation>
    </message>
    <message>
        <source>Indexed</source>
        <translation>已索引</translation>
    </message>
    <message>
        <source>Queued</source>
        <translation>排队中</translation>
    </message>
    <message>
        <source>No text</source>
        <translation>无文本</translation>
    </message>
    <message>
        <source>Excluded</source>
        <translation>已排除</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>失败</translation>
    </message>
    <message numerus="yes">
        <source>%Ln indexed</source>
        <translation>
            <numerusform>%Ln 个已索引</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln queued</source>
        <translation>
            <numerusform>%Ln 个排队中</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln without text</source>
        <translation>
            <numerusform>%Ln 个无文本</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln excluded</source>
        <translation>
            <numerusform>%Ln 个已排除</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln failed</source>
        <translation>
            <numerusform>%Ln 个失败</numerusform>
        </translation>
    </message>
    <message>
        <source>Watched</source>
        <translation>监视中</translation>
    </message>
    <message>
        <source>Checked from time to time</source>
        <translation>定期检查</translation>
    </message>
    <message>
        <source>Not there now</source>
        <translation>目前不可用</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>正在启动…</translation>
    </message>
    <message>
        <source>Up to date</source>
        <translation>已是最新</translation>
    </message>
    <message>
        <source>Looking for changes…</source>
        <translation>正在检查更改…</translation>
    </message>
    <message>
        <source>Paused: {reason}</source>
        <translation>已暂停：{reason}</translation>
    </message>
    <message>
        <source>Stopped: {reason}</source>
        <translation>已停止：{reason}</translation>
    </message>
    <message>
        <source>Last indexed: {name}, {time}</source>
        <translation>最近索引：{name}，{time}</translation>
    </message>
    <message>
        <source>less than a minute left</source>
        <translation>剩余不到 1 分钟</translation>
    </message>
    <message numerus="yes">
        <source>%Ln minute(s) left</source>
        <translation>
            <numerusform>剩余 %Ln 分钟</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln hour(s) left</source>
        <translation>
            <numerusform>剩余 %Ln 小时</numerusform>
        </translation>
    </message>
    <message>
        <source>today</source>
        <translation>今天</translation>
    </message>
    <message>
        <source>yesterday</source>
        <translation>昨天</translation>
    </message>
    <message>
        <source>Indexing {done} of {total}</source>
        <translation>正在索引第 {done} 个，共 {total} 个</translation>
    </message>
</context>
</TS>
