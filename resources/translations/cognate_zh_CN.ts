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
        <source>Show all folders</source>
        <translation>显示所有文件夹</translation>
    </message>
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
        <source>Archives</source>
        <translation>压缩包</translation>
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
    <message>
        <source>Leave no trace: rewrite the index, and forget earlier searches</source>
        <translation>不留痕迹：重写索引，并忘记以前的搜索</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Copy path</source>
        <translation>复制路径</translation>
    </message>
    <message>
        <source>Copy note</source>
        <translation>复制说明</translation>
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
        <source>Here, no program can take a key for itself: in the keyboard settings of your desktop, give the command “cognate show” a shortcut.</source>
        <translation>在这里，程序无法自行占用按键：请在桌面的键盘设置中为命令“cognate show”指定一个快捷键。</translation>
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
        <source>Open “{name}”</source>
        <translation>打开“{name}”</translation>
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
    <message>
        <source>It can&apos;t be opened</source>
        <translation>无法打开</translation>
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
        <source>Share of the graphics card</source>
        <translation>显卡占用比例</translation>
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
        <source>Scans</source>
        <translation>扫描件</translation>
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
        <source>Storage and backup…</source>
        <translation>存储与备份…</translation>
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
        <source>Looking at what this computer can run…</source>
        <translation>正在查看这台电脑能运行什么…</translation>
    </message>
    <message>
        <source>Use a folder…</source>
        <translation>使用文件夹…</translation>
    </message>
    <message>
        <source>The smallest that is installed</source>
        <translation>已安装的最小的一个</translation>
    </message>
    <message>
        <source>Without one, hits stay in the order of the search.</source>
        <translation>没有它时，结果保持搜索本身的顺序。</translation>
    </message>
    <message>
        <source>{folder} holds no model: it lacks config.json, a tokenizer or safetensors weights.</source>
        <translation>{folder} 中没有模型：缺少 config.json、分词器或 safetensors 权重。</translation>
    </message>
    <message>
        <source>Larger models understand more, and want a graphics card. Search goes on with the old model until the new one has read everything, and going back to an old one that is kept costs nothing.</source>
        <translation>更大的模型理解得更多，但需要显卡。在新模型读完所有文件之前，搜索继续使用旧模型；回到仍保留的旧模型不费任何代价。</translation>
    </message>
    <message>
        <source>Finds by meaning</source>
        <translation>按含义查找</translation>
    </message>
    <message>
        <source>Puts the best hits in order (reranker)</source>
        <translation>为最佳结果排序（重排模型）</translation>
    </message>
    <message>
        <source>A choice counts from the next start on.</source>
        <translation>选择从下次启动起生效。</translation>
    </message>
    <message>
        <source>Installed</source>
        <translation>已安装</translation>
    </message>
    <message>
        <source>{size} to download</source>
        <translation>需下载 {size}</translation>
    </message>
    <message>
        <source>Not installed here</source>
        <translation>未在此处安装</translation>
    </message>
    <message>
        <source>This computer: {device}</source>
        <translation>这台电脑：{device}</translation>
    </message>
    <message>
        <source>This computer has no graphics card that models can use.</source>
        <translation>这台电脑没有模型可用的显卡。</translation>
    </message>
    <message>
        <source>Folder of a model</source>
        <translation>模型所在的文件夹</translation>
    </message>
</context>
<context>
    <name>ModelRow</name>
    <message>
        <source>Recommended here</source>
        <translation>推荐用于这台电脑</translation>
    </message>
    <message>
        <source>Download of {model}</source>
        <translation>{model} 的下载</translation>
    </message>
    <message>
        <source>Install</source>
        <translation>安装</translation>
    </message>
    <message>
        <source>Install {model}</source>
        <translation>安装 {model}</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Remove {model}</source>
        <translation>移除 {model}</translation>
    </message>
    <message>
        <source>{disk} on disk, {memory} of memory</source>
        <translation>占磁盘 {disk}，内存 {memory}</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>{come} of {total} downloaded</source>
        <translation>已下载 {come}，共 {total}</translation>
    </message>
    <message>
        <source>runs on the graphics card</source>
        <translation>可在显卡上运行</translation>
    </message>
    <message>
        <source>runs on the graphics card with 8 or 4 bits a weight</source>
        <translation>以每个权重 8 或 4 位可在显卡上运行</translation>
    </message>
    <message>
        <source>runs on the processor, slowly</source>
        <translation>可在处理器上运行，较慢</translation>
    </message>
    <message>
        <source>too large for this computer</source>
        <translation>对这台电脑来说太大</translation>
    </message>
</context>
<context>
    <name>ModelRunning</name>
    <message>
        <source>Whole: exact</source>
        <translation>完整：精确</translation>
    </message>
    <message>
        <source>8 bits: half the memory</source>
        <translation>8 位：内存减半</translation>
    </message>
    <message>
        <source>4 bits: a third of the memory</source>
        <translation>4 位：内存的三分之一</translation>
    </message>
    <message>
        <source>FP8: half the memory, on newer cards</source>
        <translation>FP8：内存减半，用于较新的显卡</translation>
    </message>
    <message>
        <source> min</source>
        <translation> 分钟</translation>
    </message>
    <message>
        <source>never</source>
        <translation>从不</translation>
    </message>
    <message>
        <source>all</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>on a graphics card</source>
        <translation>有显卡时</translation>
    </message>
    <message>
        <source>always</source>
        <translation>总是</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>Leaves the memory after</source>
        <translation>闲置多久后离开内存</translation>
    </message>
    <message>
        <source>Dimensions compared</source>
        <translation>比较的维数</translation>
    </message>
    <message>
        <source>Read files in one piece</source>
        <translation>整篇读取文件</translation>
    </message>
</context>
<context>
    <name>OcrChoice</name>
    <message>
        <source>Recognise the text in scanned pages and pictures</source>
        <translation>识别扫描页面和图片中的文字</translation>
    </message>
    <message>
        <source>Languages of scans and pictures</source>
        <translation>扫描件和图片的语言</translation>
    </message>
    <message>
        <source>For this, install Tesseract: {command}</source>
        <translation>需要先安装 Tesseract：{command}</translation>
    </message>
    <message>
        <source>By Tesseract {version}, on this computer. A page takes some seconds, and each only once.</source>
        <translation>由 Tesseract {version} 在本机完成。每页需要几秒钟，且只需一次。</translation>
    </message>
    <message>
        <source>Choose languages</source>
        <translation>选择语言</translation>
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
        <source>Measuring how fast {model} is here…</source>
        <translation>正在测量 {model} 在此处的速度…</translation>
    </message>
    <message>
        <source>Without a graphics card, {model} reads about {pace} passages a minute here: {time} for those that are indexed. Search goes on with the old model meanwhile. Use it?</source>
        <translation>没有显卡时，{model} 在此处每分钟约读 {pace} 个段落：已建索引的段落需要{time}。在此期间仍用旧模型搜索。要使用它吗？</translation>
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
        <source>Search</source>
        <translation>搜索</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Servers</source>
        <translation>服务器</translation>
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
        <source>Long lines are broken here, and lines are not numbered.</source>
        <translation>过长的行在此处已折断，因此不显示行号。</translation>
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
    <name>Reading</name>
    <message>
        <source>What the model reads</source>
        <translation>模型读到的内容</translation>
    </message>
    <message>
        <source>Instruction</source>
        <translation>指令</translation>
    </message>
    <message>
        <source>Use</source>
        <translation>使用</translation>
    </message>
    <message>
        <source>Use the usual one</source>
        <translation>恢复默认</translation>
    </message>
    <message>
        <source>{model}, {count} dimensions</source>
        <translation>{model}，{count} 维</translation>
    </message>
    <message>
        <source>This model takes no instruction.</source>
        <translation>此模型不接受指令。</translation>
    </message>
    <message>
        <source>Instruction where files of any kind are searched, best in English:</source>
        <translation>搜索各类文件时的指令，最好用英文：</translation>
    </message>
    <message>
        <source>Instruction where only code is searched, best in English:</source>
        <translation>只搜索代码时的指令，最好用英文：</translation>
    </message>
    <message>
        <source>Instruction where only e-mail is searched, best in English:</source>
        <translation>只搜索邮件时的指令，最好用英文：</translation>
    </message>
</context>
<context>
    <name>Reasons</name>
    <message>
        <source>paused by you</source>
        <translation>由您暂停</translation>
    </message>
    <message>
        <source>the computer runs on battery</source>
        <translation>电脑正在使用电池供电</translation>
    </message>
    <message>
        <source>other programs keep the processor busy</source>
        <translation>其他程序正在占用处理器</translation>
    </message>
    <message>
        <source>a program fills the screen</source>
        <translation>有程序正在全屏显示</translation>
    </message>
    <message>
        <source>other programs use the graphics card</source>
        <translation>其他程序正在使用显卡</translation>
    </message>
    <message>
        <source>Indexing stopped by an error of ours: {error}. Restart Cognate.</source>
        <translation>程序出错，索引已停止：{error}。请重新启动 Cognate。</translation>
    </message>
    <message>
        <source>the disk is full. Free some space; indexing goes on by itself.</source>
        <translation>磁盘已满。请腾出一些空间，索引会自动继续。</translation>
    </message>
    <message>
        <source>the disk could not be read or written. Check it, and the space left on it.</source>
        <translation>磁盘无法读写。请检查磁盘及其剩余空间。</translation>
    </message>
    <message>
        <source>another process is writing to the catalogue.</source>
        <translation>另一个进程正在写入目录数据库。</translation>
    </message>
    <message>
        <source>the catalogue can&apos;t be opened for writing. Check the permissions of its folder.</source>
        <translation>无法写入目录数据库。请检查其所在文件夹的权限。</translation>
    </message>
    <message>
        <source>the catalogue can&apos;t be used ({error}).</source>
        <translation>无法使用目录数据库（{error}）。</translation>
    </message>
    <message>
        <source>A segment of the index could not be built: its process ended early.</source>
        <translation>无法构建索引的一个分段：构建进程提前结束。</translation>
    </message>
    <message>
        <source>{path}: a segment could not be written whole. Free some space; indexing goes on by itself.</source>
        <translation>{path}：索引分段未能完整写入。请腾出一些空间，索引会自动继续。</translation>
    </message>
    <message>
        <source>{path}: can&apos;t be written ({error}). Check its permissions.</source>
        <translation>{path}：无法写入（{error}）。请检查其权限。</translation>
    </message>
    <message>
        <source>excluded by &quot;{pattern}&quot; (built-in rule)</source>
        <translation>被规则“{pattern}”排除（内置规则）</translation>
    </message>
    <message>
        <source>excluded by &quot;{pattern}&quot; in the settings</source>
        <translation>被设置中的规则“{pattern}”排除</translation>
    </message>
    <message>
        <source>excluded by &quot;{pattern}&quot; in {place}</source>
        <translation>被 {place} 中的规则“{pattern}”排除</translation>
    </message>
    <message>
        <source>hidden: the name &quot;{name}&quot; begins with a dot</source>
        <translation>隐藏：名称“{name}”以点开头</translation>
    </message>
    <message>
        <source>written by a tool, so only its name is indexed: &quot;{pattern}&quot; (built-in rule)</source>
        <translation>由工具生成，因此只索引文件名：“{pattern}”（内置规则）</translation>
    </message>
    <message>
        <source>&quot;{name}&quot; is a Python virtual environment (built-in rule)</source>
        <translation>“{name}”是 Python 虚拟环境（内置规则）</translation>
    </message>
    <message>
        <source>&quot;{name}&quot; is marked as a cache by its {mark} (built-in rule)</source>
        <translation>“{name}”已被其中的 {mark} 标记为缓存（内置规则）</translation>
    </message>
    <message>
        <source>&quot;{name}&quot; is the output of the {witness} beside it (built-in rule)</source>
        <translation>“{name}”是旁边的 {witness} 的构建输出（内置规则）</translation>
    </message>
    <message>
        <source>&quot;{name}&quot; holds the index itself (built-in rule)</source>
        <translation>“{name}”存放着索引本身（内置规则）</translation>
    </message>
    <message>
        <source>This type of file is not read; it is found by its name.</source>
        <translation>不读取此类文件的内容；可以按文件名找到它。</translation>
    </message>
    <message>
        <source>larger than {size}</source>
        <translation>大于 {size}</translation>
    </message>
    <message>
        <source>a view of the running system ({file_system}), not a folder of files</source>
        <translation>这是运行中系统的视图（{file_system}），不是存放文件的文件夹</translation>
    </message>
    <message>
        <source>a device, a pipe or a socket, not a file</source>
        <translation>这是设备、管道或套接字，不是文件</translation>
    </message>
    <message>
        <source>a link to {target}; links are not followed, what they lead to is indexed where it lies</source>
        <translation>指向 {target} 的链接；程序不跟随链接，目标在其所在位置被索引</translation>
    </message>
    <message>
        <source>can&apos;t be read: {reason}</source>
        <translation>无法读取：{reason}</translation>
    </message>
    <message>
        <source>its share does not answer</source>
        <translation>所在的网络共享没有响应</translation>
    </message>
    <message>
        <source>It lies on a drive or a share that is not there now; what was indexed of it is kept.</source>
        <translation>它所在的驱动器或网络共享目前不可用；已建立的索引会保留。</translation>
    </message>
    <message>
        <source>Its folder {folder} is left out: {reason}</source>
        <translation>它所在的文件夹 {folder} 已被排除：{reason}</translation>
    </message>
    <message>
        <source>There is no such file.</source>
        <translation>没有这个文件。</translation>
    </message>
    <message>
        <source>It has not been noticed yet. Look for changes, or run: cognate index</source>
        <translation>尚未发现此文件。请查找更改，或运行：cognate index</translation>
    </message>
    <message>
        <source>It has changed since it was read: what is found is its text of before.</source>
        <translation>读取之后它已更改：能找到的是以前的文本。</translation>
    </message>
    <message>
        <source>It is in no watched folder.</source>
        <translation>它不在任何监视的文件夹中。</translation>
    </message>
    <message>
        <source>No text was found in it; it is found by its name.</source>
        <translation>其中没有找到文本；可以按文件名找到它。</translation>
    </message>
    <message>
        <source>no text was found in it</source>
        <translation>其中没有找到文本</translation>
    </message>
    <message>
        <source>only the first {count} million characters are indexed</source>
        <translation>只索引了前 {count} 百万个字符</translation>
    </message>
    <message>
        <source>only the first {count} characters are indexed</source>
        <translation>只索引了前 {count} 个字符</translation>
    </message>
    <message>
        <source>the fonts of some pages hide which letters they show</source>
        <translation>某些页面的字体无法还原出文字</translation>
    </message>
    <message>
        <source>no text found in it: its pages may be scans</source>
        <translation>其中没有找到文本：页面可能是扫描件</translation>
    </message>
    <message>
        <source>is protected with a password</source>
        <translation>受密码保护</translation>
    </message>
    <message>
        <source>is empty</source>
        <translation>是空的</translation>
    </message>
    <message>
        <source>is not text, but a {form}</source>
        <translation>不是文本，而是 {form}</translation>
    </message>
    <message>
        <source>is not text</source>
        <translation>不是文本</translation>
    </message>
    <message>
        <source>is not a PDF, but a {form}</source>
        <translation>不是 PDF，而是 {form}</translation>
    </message>
    <message>
        <source>is not a PDF</source>
        <translation>不是 PDF</translation>
    </message>
    <message>
        <source>is not what its name says ({name}), but a {form}</source>
        <translation>与文件名所示的类型（{name}）不符，实际是 {form}</translation>
    </message>
    <message>
        <source>is not what its name says ({name})</source>
        <translation>与文件名所示的类型（{name}）不符</translation>
    </message>
    <message>
        <source>is not a presentation</source>
        <translation>不是演示文稿</translation>
    </message>
    <message>
        <source>is not an e-mail message</source>
        <translation>不是电子邮件</translation>
    </message>
    <message>
        <source>is not a mailbox</source>
        <translation>不是邮箱文件</translation>
    </message>
    <message>
        <source>is not a Jupyter notebook</source>
        <translation>不是 Jupyter 笔记本</translation>
    </message>
    <message>
        <source>is not a regular file</source>
        <translation>不是普通文件</translation>
    </message>
    <message>
        <source>is a zip archive, but not a document</source>
        <translation>是 zip 压缩包，但不是文档</translation>
    </message>
    <message>
        <source>has no reader ({form})</source>
        <translation>没有可用的读取程序（{form}）</translation>
    </message>
    <message>
        <source>is larger than the {size} MB that are read of such a file</source>
        <translation>超过了此类文件 {size} MB 的读取上限</translation>
    </message>
    <message>
        <source>can&apos;t be opened: {error}</source>
        <translation>无法打开：{error}</translation>
    </message>
    <message>
        <source>would expand to more than {size} MB</source>
        <translation>解压后会超过 {size} MB</translation>
    </message>
    <message>
        <source>is damaged: it is not a complete gzip archive</source>
        <translation>已损坏：不是完整的 gzip 压缩包</translation>
    </message>
    <message>
        <source>is damaged: it is not a complete zip archive</source>
        <translation>已损坏：不是完整的 zip 压缩包</translation>
    </message>
    <message>
        <source>is damaged: its XML is broken</source>
        <translation>已损坏：其中的 XML 有错误</translation>
    </message>
    <message>
        <source>is damaged or not a {form}: MuPDF can&apos;t read it</source>
        <translation>已损坏，或者不是 {form}：MuPDF 无法读取</translation>
    </message>
    <message>
        <source>is damaged: it is not a complete archive</source>
        <translation>已损坏：不是完整的压缩包</translation>
    </message>
    <message>
        <source>is damaged: it is not a complete 7z archive</source>
        <translation>已损坏：不是完整的 7z 压缩包</translation>
    </message>
    <message>
        <source>is damaged: only its first {count} members could be read</source>
        <translation>已损坏：只能读取其中前 {count} 个文件</translation>
    </message>
    <message>
        <source>is damaged: the picture can&apos;t be read</source>
        <translation>已损坏：无法读取图片</translation>
    </message>
    <message>
        <source>is damaged: {error}</source>
        <translation>已损坏：{error}</translation>
    </message>
    <message>
        <source>is damaged</source>
        <translation>已损坏</translation>
    </message>
    <message>
        <source>is not an archive, but a {form}</source>
        <translation>不是压缩包，而是 {form}</translation>
    </message>
    <message>
        <source>is not an archive</source>
        <translation>不是压缩包</translation>
    </message>
    <message>
        <source>is not in there any more</source>
        <translation>已不在其中</translation>
    </message>
    <message>
        <source>is compressed in a way that is not known here</source>
        <translation>使用了此处未知的压缩方式</translation>
    </message>
    <message>
        <source>is larger than the {size} MB that are unpacked</source>
        <translation>大于可解压的上限 {size} MB</translation>
    </message>
    <message>
        <source>its attachments can&apos;t be read</source>
        <translation>无法读取其附件</translation>
    </message>
    <message>
        <source>only the first {count} members are looked at: the rest takes too long</source>
        <translation>只查看了前 {count} 个文件：其余的耗时过长</translation>
    </message>
    <message>
        <source>only the first {count} members are looked at</source>
        <translation>只查看了前 {count} 个文件</translation>
    </message>
    <message>
        <source>expands to too much, so that only its first members are read</source>
        <translation>解压后过大，因此只读取了前面的文件</translation>
    </message>
    <message>
        <source>{failed} of its {count} members can&apos;t be read</source>
        <translation>其中 {count} 个文件有 {failed} 个无法读取</translation>
    </message>
    <message>
        <source>not all of its members could be read: {reason}</source>
        <translation>未能读取其中的所有文件：{reason}</translation>
    </message>
    <message>
        <source>the text of {count} pages could not be recognised</source>
        <translation>有 {count} 页的文字无法识别</translation>
    </message>
    <message>
        <source>is refused: its XML declares a document type, as office documents never do</source>
        <translation>已拒绝：其中的 XML 声明了文档类型，正常的办公文档不会这样</translation>
    </message>
    <message>
        <source>the reader crashed on it</source>
        <translation>读取程序在处理它时崩溃</translation>
    </message>
    <message>
        <source>could not be read within {seconds} s</source>
        <translation>未能在 {seconds} 秒内读取完成</translation>
    </message>
    <message>
        <source>took longer than {seconds} s to read</source>
        <translation>读取时间超过 {seconds} 秒</translation>
    </message>
    <message>
        <source>needs more than {size} MB of memory to read</source>
        <translation>读取需要超过 {size} MB 内存</translation>
    </message>
    <message>
        <source>needs more than {size} GB of memory to read</source>
        <translation>读取需要超过 {size} GB 内存</translation>
    </message>
    <message>
        <source>is refused: its XML is nested deeper than any document</source>
        <translation>被拒绝：其 XML 的嵌套层数超过任何正常文档</translation>
    </message>
    <message>
        <source>the reader failed on it ({error})</source>
        <translation>读取程序处理它时出错（{error}）</translation>
    </message>
    <message>
        <source>the process that reads files doesn&apos;t start; start Cognate again, or install it anew</source>
        <translation>读取文件的进程无法启动；请重新启动 Cognate，或重新安装</translation>
    </message>
    <message>
        <source>the system&apos;s limit of {limit} ({name}) is reached. Raise it until the next start with: {command}. Until then changes are noticed every {seconds} s</source>
        <translation>已达到系统上限 {limit}（{name}）。可用此命令提高上限，直到下次开机：{command}。在此之前，每 {seconds} 秒检查一次更改</translation>
    </message>
    <message>
        <source>more happens in it at once than the system keeps ({limit}, {name}). Wait until it is calmer, or let it keep more until the next start with: {command}. Until then changes are noticed every {seconds} s</source>
        <translation>同一时间的更改超出系统所能保留的数量（{limit}，{name}）。请等它平静下来，或用此命令让系统保留更多，直到下次开机：{command}。在此之前，每 {seconds} 秒检查一次更改</translation>
    </message>
    <message>
        <source>the system does not watch it ({error}). Until then changes are noticed every {seconds} s</source>
        <translation>系统无法监视它（{error}）。在此之前，每 {seconds} 秒检查一次更改</translation>
    </message>
    <message>
        <source>network share or the like: {places}. Changes made elsewhere are noticed every {seconds} s</source>
        <translation>网络共享或类似的文件系统：{places}。每 {seconds} 秒检查一次在别处所做的更改</translation>
    </message>
    <message>
        <source>the folder is not there; what was indexed in it is kept. Plug its drive in, or remove the folder</source>
        <translation>文件夹不存在；已建立的索引会保留。请接上它所在的驱动器，或移除该文件夹</translation>
    </message>
    <message>
        <source>the drive or the share that was mounted here is not there now; what was indexed of it is kept. Plug it in, or leave this place out in the settings</source>
        <translation>挂载在此处的驱动器或网络共享目前不可用；已建立的索引会保留。请重新接上，或在设置中排除此位置</translation>
    </message>
    <message>
        <source>it can&apos;t be read now ({reason}); what was indexed in it is kept until it can be read again</source>
        <translation>目前无法读取（{reason}）；已建立的索引会保留，直到可以再次读取</translation>
    </message>
    <message>
        <source>The folder can&apos;t be read now ({reason}). Its index is kept until it can be read again or is removed.</source>
        <translation>目前无法读取该文件夹（{reason}）。它的索引会保留，直到可以再次读取或该文件夹被移除。</translation>
    </message>
    <message>
        <source>{folder}: this is not a folder. Choose one that exists.</source>
        <translation>{folder}：这不是文件夹，请选择一个存在的文件夹。</translation>
    </message>
    <message>
        <source>{folder}: this folder is watched already.</source>
        <translation>{folder}：此文件夹已在监视中。</translation>
    </message>
    <message>
        <source>{folder}: it lies in {other}, which is watched already.</source>
        <translation>{folder}：它位于 {other} 中，后者已在监视中。</translation>
    </message>
    <message>
        <source>{folder}: {other} in it is watched already. Remove that one first.</source>
        <translation>{folder}：其中的 {other} 已在监视中，请先移除它。</translation>
    </message>
    <message>
        <source>{folder}: this folder is not watched.</source>
        <translation>{folder}：此文件夹未被监视。</translation>
    </message>
    <message>
        <source>The folder is not there. Its index is kept until it comes back or is removed.</source>
        <translation>文件夹不存在。它的索引会保留，直到它恢复或被移除。</translation>
    </message>
    <message>
        <source>Cognate does not watch it now. It is compared with the disk at the next start, or now by: cognate index</source>
        <translation>Cognate 现在没有监视它。下次启动时会与磁盘比较，或现在运行：cognate index</translation>
    </message>
    <message>
        <source>It has yet to be compared with the disk since Cognate started.</source>
        <translation>Cognate 启动后尚未与磁盘比较。</translation>
    </message>
    <message>
        <source>copying the catalogue</source>
        <translation>正在复制目录库</translation>
    </message>
    <message>
        <source>copying the segments</source>
        <translation>正在复制索引段</translation>
    </message>
    <message>
        <source>copying the other files</source>
        <translation>正在复制其他文件</translation>
    </message>
    <message>
        <source>copying the backup</source>
        <translation>正在复制备份</translation>
    </message>
    <message>
        <source>copying the profile</source>
        <translation>正在复制配置文件夹</translation>
    </message>
    <message>
        <source>checking the copy</source>
        <translation>正在检查副本</translation>
    </message>
    <message>
        <source>{path}: reading it was broken off.</source>
        <translation>{path}：读取已中断。</translation>
    </message>
    <message>
        <source>{folder}: the copy was broken off.</source>
        <translation>{folder}：复制已中断。</translation>
    </message>
    <message>
        <source>{folder}: the copy can&apos;t be written. Check the space left there.</source>
        <translation>{folder}：无法写入副本。请检查那里的剩余空间。</translation>
    </message>
    <message>
        <source>{folder}: {size} MB more are needed on this disk. Free some, or choose another disk.</source>
        <translation>{folder}：此磁盘还需要 {size} MB。请腾出空间，或选择其他磁盘。</translation>
    </message>
    <message>
        <source>{path}: can&apos;t be copied or written ({error}).</source>
        <translation>{path}：无法复制或写入（{error}）。</translation>
    </message>
    <message>
        <source>{path}: what was written is not what was read. Check the disk.</source>
        <translation>{path}：写入的内容与读取的不同。请检查磁盘。</translation>
    </message>
    <message>
        <source>{folder}: this is not a backup of Cognate. Choose a folder that it has written.</source>
        <translation>{folder}：这不是 Cognate 的备份。请选择由它写出的文件夹。</translation>
    </message>
    <message>
        <source>{path}: this file of the backup is damaged or missing. Take another backup.</source>
        <translation>{path}：备份中的此文件已损坏或丢失。请使用其他备份。</translation>
    </message>
    <message>
        <source>{path}: the catalogue of the backup is not whole ({problem}).</source>
        <translation>{path}：备份中的目录库不完整（{problem}）。</translation>
    </message>
    <message>
        <source>{profile}: the backup can&apos;t be used, so all is as it was before. {reason}</source>
        <translation>{profile}：备份无法使用，一切保持原样。{reason}</translation>
    </message>
    <message>
        <source>{folder}: choose a folder that neither holds the profile nor lies in it</source>
        <translation>{folder}：请选择既不包含配置文件夹、也不在其中的文件夹</translation>
    </message>
    <message>
        <source>{folder}: this folder is not empty, choose a new one</source>
        <translation>{folder}：此文件夹不是空的，请选择新文件夹</translation>
    </message>
    <message>
        <source>{path}: another process reads the catalogue, so its log can&apos;t be emptied yet.</source>
        <translation>{path}：另一个进程正在读取目录库，暂时无法清空其日志。</translation>
    </message>
    <message>
        <source>Cognate ends before all is erased; the rest follows at its next start.</source>
        <translation>Cognate 在全部抹除之前结束；其余部分将在下次启动时完成。</translation>
    </message>
    <message>
        <source>{path}: this file is missing.</source>
        <translation>{path}：缺少此文件。</translation>
    </message>
    <message>
        <source>{path}: can&apos;t be set aside ({error}). Check the permissions.</source>
        <translation>{path}：无法移到一边（{error}）。请检查权限。</translation>
    </message>
    <message>
        <source>{path}: the disk is full. Free some space; indexing goes on by itself.</source>
        <translation>{path}：磁盘已满。请腾出一些空间，索引会自动继续。</translation>
    </message>
    <message>
        <source>{path}: the disk could not be read or written. Check it, and the space left on it.</source>
        <translation>{path}：磁盘无法读写。请检查磁盘及其剩余空间。</translation>
    </message>
    <message>
        <source>{path}: the catalogue can&apos;t be opened for writing. Check the permissions of its folder.</source>
        <translation>{path}：无法写入目录数据库。请检查其所在文件夹的权限。</translation>
    </message>
    <message>
        <source>{path}: another process is writing to the catalogue.</source>
        <translation>{path}：另一个进程正在写入目录数据库。</translation>
    </message>
    <message>
        <source>{profile}: the profile can&apos;t be written ({error}). Check its permissions.</source>
        <translation>{profile}：无法写入配置文件夹（{error}）。请检查其权限。</translation>
    </message>
    <message>
        <source>{profile}: another process of Cognate holds this profile. Use its window, end it, or name another profile with --profile.</source>
        <translation>{profile}：另一个 Cognate 进程正在使用此配置文件夹。请使用它的窗口、结束它，或用 --profile 指定另一个文件夹。</translation>
    </message>
    <message>
        <source>{path}: the catalogue is damaged. `cognate doctor --mend` sets it aside and indexes your files anew.</source>
        <translation>{path}：目录数据库已损坏。运行 `cognate doctor --mend` 会把它移到一边并重新建立索引。</translation>
    </message>
    <message>
        <source>{path}: this profile was written by a newer version of Cognate (format {format}, this one reads {known}). Update Cognate, or start with another --profile.</source>
        <translation>{path}：此配置文件夹由更新版本的 Cognate 写入（格式 {format}，本版本可读 {known}）。请更新 Cognate，或用 --profile 指定另一个文件夹启动。</translation>
    </message>
    <message>
        <source>Text in pictures is not recognised: Tesseract is not installed. Install it with: {command}</source>
        <translation>未识别图片中的文字：尚未安装 Tesseract。安装命令：{command}</translation>
    </message>
    <message>
        <source>Text in pictures is not recognised: Tesseract has no data for {languages}. Install them like: {command}</source>
        <translation>未识别图片中的文字：Tesseract 没有 {languages} 的数据。安装方法类似：{command}</translation>
    </message>
    <message>
        <source>Tesseract has no data for {languages}. Install them like: {command}</source>
        <translation>Tesseract 没有 {languages} 的数据。安装方法类似：{command}</translation>
    </message>
    <message>
        <source>The built-in model is used meanwhile: {reason}</source>
        <translation>暂用内置模型：{reason}</translation>
    </message>
    <message>
        <source>The built-in model is used: {reason}</source>
        <translation>使用内置模型：{reason}</translation>
    </message>
    <message>
        <source>{reason} It runs on the processor, slowly, until there is room again.</source>
        <translation>{reason}在重新有空间之前，它在处理器上缓慢运行。</translation>
    </message>
    <message>
        <source>{reason} It runs on the processor, slowly, until Cognate is restarted.</source>
        <translation>{reason}在重新启动 Cognate 之前，它在处理器上缓慢运行。</translation>
    </message>
    <message>
        <source>{reason} Close programs that use it, or choose a smaller model.</source>
        <translation>{reason}请关闭占用它的程序，或选择较小的模型。</translation>
    </message>
    <message>
        <source>{model}: a text of {tokens} tokens does not fit into the memory of {device}.</source>
        <translation>{model}：{tokens} 个词元的文本放不进 {device} 的内存。</translation>
    </message>
    <message>
        <source>{model}: {device} has failed ({error}).</source>
        <translation>{model}：{device} 出错（{error}）。</translation>
    </message>
    <message>
        <source>{model} needs {needed} GB of memory on {device}, and {free} GB are free. Close other programs, or choose a smaller model.</source>
        <translation>{model} 在 {device} 上需要 {needed} GB 内存，而可用的只有 {free} GB。请关闭其他程序，或选择较小的模型。</translation>
    </message>
    <message>
        <source>It is longer than the model reads in one piece: only its beginning counts when whole files are compared.</source>
        <translation>它比模型一次能读的更长：比较整个文件时只计其开头。</translation>
    </message>
    <message>
        <source>{model} is not installed: cognate models install {name}</source>
        <translation>{model} 尚未安装：cognate models install {name}</translation>
    </message>
    <message>
        <source>There is no model &quot;{model}&quot;; choose &quot;built-in&quot;, or see: cognate models list</source>
        <translation>没有名为“{model}”的模型；请选择 built-in，或查看：cognate models list</translation>
    </message>
    <message>
        <source>The model {model} in {folder} can&apos;t be used: {problem}. Install it again.</source>
        <translation>{folder} 中的模型 {model} 无法使用：{problem}。请重新安装。</translation>
    </message>
    <message>
        <source>The model {model} can&apos;t be used here: {problem}. Choose another one: cognate models list</source>
        <translation>模型 {model} 在此无法使用：{problem}。请另选一个：cognate models list</translation>
    </message>
    <message>
        <source>The device &quot;{device}&quot; can&apos;t be used ({error}); choose another one, like &quot;cpu&quot;.</source>
        <translation>设备“{device}”无法使用（{error}）；请另选一个，例如 cpu。</translation>
    </message>
    <message>
        <source>{model} gives no numbers in {format} on {device}: install it again, or set COGNATE_DEVICE=cpu.</source>
        <translation>{model} 在 {device} 上以 {format} 运行时得不到有效数值：请重新安装，或设置 COGNATE_DEVICE=cpu。</translation>
    </message>
    <message>
        <source>{model} gives vectors of {least} to {most} dimensions, not {count}.</source>
        <translation>{model} 的向量为 {least} 到 {most} 维，不能是 {count} 维。</translation>
    </message>
    <message>
        <source>{path} can&apos;t be read ({error}): install the model again.</source>
        <translation>无法读取 {path}（{error}）：请重新安装模型。</translation>
    </message>
    <message>
        <source>{path} is no tokenizer of Qwen3: it has no {token}. Install the model again.</source>
        <translation>{path} 不是 Qwen3 的分词器：其中没有 {token}。请重新安装模型。</translation>
    </message>
    <message>
        <source>{model} needs {needed} on the disk of {folder}, where {free} are free</source>
        <translation>{model} 需要 {folder} 所在磁盘有 {needed} 空间，而目前可用 {free}</translation>
    </message>
    <message>
        <source>{model} is given only to people who have accepted its terms on the hub</source>
        <translation>{model} 只提供给在模型网站上接受其条款的人</translation>
    </message>
    <message>
        <source>there is no model &quot;{model}&quot; on the hub</source>
        <translation>模型网站上没有“{model}”</translation>
    </message>
    <message>
        <source>{model} could not be downloaded ({error}): is there a network? The same command goes on later</source>
        <translation>无法下载 {model}（{error}）：网络是否可用？之后再试会接着下载</translation>
    </message>
    <message>
        <source>{model} could not be stored in {folder}: {error}</source>
        <translation>无法将 {model} 存入 {folder}：{error}</translation>
    </message>
    <message>
        <source>{path} of {model} arrived damaged: install it once more</source>
        <translation>{model} 的 {path} 在下载中损坏：请再安装一次</translation>
    </message>
    <message>
        <source>{url}: the server can&apos;t be reached ({error}).</source>
        <translation>{url}：无法连接服务器（{error}）。</translation>
    </message>
    <message>
        <source>{url}: the server did not answer within {seconds} s.</source>
        <translation>{url}：服务器在 {seconds} 秒内没有回答。</translation>
    </message>
    <message>
        <source>{url}: the server is too busy or not ready ({status}): {detail}</source>
        <translation>{url}：服务器太忙或尚未就绪（{status}）：{detail}</translation>
    </message>
    <message>
        <source>{url}: the server is too busy or not ready ({status})</source>
        <translation>{url}：服务器太忙或尚未就绪（{status}）</translation>
    </message>
    <message>
        <source>{url}: the server refuses the key ({status}). Connect it again with --key.</source>
        <translation>{url}：服务器不接受密钥（{status}）。请用 --key 重新连接。</translation>
    </message>
    <message>
        <source>{url}: the server refuses a request ({status}): {detail}</source>
        <translation>{url}：服务器拒绝了请求（{status}）：{detail}</translation>
    </message>
    <message>
        <source>{url}: the server refuses a request ({status})</source>
        <translation>{url}：服务器拒绝了请求（{status}）</translation>
    </message>
    <message>
        <source>{url}: the server has nothing at {path} ({status}): {detail}</source>
        <translation>{url}：服务器在 {path} 处没有任何内容（{status}）：{detail}</translation>
    </message>
    <message>
        <source>{url}: the server has nothing at {path} ({status})</source>
        <translation>{url}：服务器在 {path} 处没有任何内容（{status}）</translation>
    </message>
    <message>
        <source>{url}: the server points to another address, and only the host that you named is contacted. Connect it by its final address.</source>
        <translation>{url}：服务器指向另一个地址，而程序只联系您指定的主机。请用它的最终地址连接。</translation>
    </message>
    <message>
        <source>{url}: this is no address of a server.</source>
        <translation>{url}：这不是服务器地址。</translation>
    </message>
    <message>
        <source>{url}: the answer is no JSON. Is this the address of an OpenAI-compatible server?</source>
        <translation>{url}：回答不是 JSON。这是与 OpenAI 兼容的服务器地址吗？</translation>
    </message>
    <message>
        <source>{url}: the answer holds no vectors. Was the server started for embeddings?</source>
        <translation>{url}：回答中没有向量。服务器是否以嵌入模式启动？</translation>
    </message>
    <message>
        <source>{url}: the answer holds no scores. Was the server started for reranking?</source>
        <translation>{url}：回答中没有评分。服务器是否以重排模式启动？</translation>
    </message>
    <message>
        <source>{url}: the server&apos;s answer is larger than {size} MB.</source>
        <translation>{url}：服务器的回答超过 {size} MB。</translation>
    </message>
    <message>
        <source>{url}: the server gives a vector for each token. Start it with a pooling, which for Qwen3 is that of the last token.</source>
        <translation>{url}：服务器为每个词元给出一个向量。请以池化方式启动它，Qwen3 取最后一个词元。</translation>
    </message>
    <message>
        <source>{url}: the server gave {got} vectors for {count} texts, or vectors of several sizes.</source>
        <translation>{url}：服务器为 {count} 段文本给出了 {got} 个向量，或向量大小不一。</translation>
    </message>
    <message>
        <source>{url}: the server&apos;s vectors hold what is no number. A larger number format may help.</source>
        <translation>{url}：服务器的向量中含有非数值。换用更大的数值格式可能有帮助。</translation>
    </message>
    <message>
        <source>{url}: the server did not score every passage.</source>
        <translation>{url}：服务器没有为每个段落评分。</translation>
    </message>
    <message>
        <source>{url}: the server gives other vectors now than when it was connected, so its model was exchanged. Connect it again: cognate models connect {address} --name {name}</source>
        <translation>{url}：服务器现在给出的向量与连接时不同，说明它的模型已更换。请重新连接：cognate models connect {address} --name {name}</translation>
    </message>
    <message>
        <source>{url}: the server gives {now} dimensions now, and gave {then} when it was connected. Connect it again, or start it as it was.</source>
        <translation>{url}：服务器现在给出 {now} 维，而连接时为 {then} 维。请重新连接，或按原来的方式启动它。</translation>
    </message>
    <message>
        <source>{server} is not connected: cognate models connect URL --name {name}</source>
        <translation>{server} 尚未连接：cognate models connect URL --name {name}</translation>
    </message>
    <message>
        <source>{path} can&apos;t be read ({error}): connect the server again.</source>
        <translation>无法读取 {path}（{error}）：请重新连接服务器。</translation>
    </message>
    <message>
        <source>{server} serves a model for {purpose}, and not for {other}.</source>
        <translation>{server} 提供的模型用于 {purpose}，而不是 {other}。</translation>
    </message>
    <message>
        <source>The key of {server} can&apos;t be read from the keyring ({error}). Unlock it, or set {variable}.</source>
        <translation>无法从密钥环读取 {server} 的密钥（{error}）。请解锁密钥环，或设置 {variable}。</translation>
    </message>
    <message>
        <source>There is no key for {server} in the keyring. Connect it again with its key: cognate models connect {url} --name {name} --key</source>
        <translation>密钥环中没有 {server} 的密钥。请带上密钥重新连接：cognate models connect {url} --name {name} --key</translation>
    </message>
    <message>
        <source>Start it with: {command}</source>
        <translation>请这样启动：{command}</translation>
    </message>
    <message>
        <source>It gives {size} dimensions, and Qwen3-Embedding-{model} has {expected}: another model, or a server too old for it.</source>
        <translation>它给出 {size} 维，而 Qwen3-Embedding-{model} 有 {expected} 维：模型不对，或者服务器版本太旧。</translation>
    </message>
    <message>
        <source>Update the server, and look which model it has loaded.</source>
        <translation>请更新服务器，并查看它加载了哪个模型。</translation>
    </message>
    <message>
        <source>Connect it with at most --dimensions {size}.</source>
        <translation>连接时 --dimensions 最大为 {size}。</translation>
    </message>
    <message>
        <source>It gives {size} dimensions, fewer than {wanted}.</source>
        <translation>它给出 {size} 维，少于 {wanted} 维。</translation>
    </message>
    <message>
        <source>It gives {size} dimensions, of length 1.</source>
        <translation>它给出 {size} 维，长度为 1。</translation>
    </message>
    <message>
        <source>It gives {size} dimensions, not normalised (length {length}), which Cognate does.</source>
        <translation>它给出 {size} 维，未归一化（长度 {length}），由 Cognate 归一化。</translation>
    </message>
    <message>
        <source>It shortens vectors by itself.</source>
        <translation>它自己截短向量。</translation>
    </message>
    <message>
        <source>It ignores `dimensions`: Cognate shortens vectors itself.</source>
        <translation>它忽略 `dimensions`：由 Cognate 截短向量。</translation>
    </message>
    <message>
        <source>It refuses `dimensions`: Cognate shortens vectors itself.</source>
        <translation>它拒绝 `dimensions`：由 Cognate 截短向量。</translation>
    </message>
    <message>
        <source>{reason} Only models trained for that stand it.</source>
        <translation>{reason} 只有为此训练过的模型才经得起截短。</translation>
    </message>
    <message>
        <source>It refuses texts of {tokens} tokens, so that Cognate sends only their beginning. ({reason})</source>
        <translation>它拒绝 {tokens} 个词元的文本，因此 Cognate 只发送开头。（{reason}）</translation>
    </message>
    <message>
        <source>It reads texts of {tokens} tokens to their end.</source>
        <translation>它能把 {tokens} 个词元的文本读到结尾。</translation>
    </message>
    <message>
        <source>It cuts long texts after {tokens} tokens without a word.</source>
        <translation>它会在 {tokens} 个词元之后悄悄截断长文本。</translation>
    </message>
    <message>
        <source>It cuts long texts without a word.</source>
        <translation>它会悄悄截断长文本。</translation>
    </message>
    <message>
        <source>It mixes up the texts of one request (cosine {cosine} with the same text alone).</source>
        <translation>它会混淆同一请求中的文本（与单独发送同一文本的余弦为 {cosine}）。</translation>
    </message>
    <message>
        <source>Update the server, or start it with a batch of one text.</source>
        <translation>请更新服务器，或以每批一条文本的方式启动它。</translation>
    </message>
    <message>
        <source>It puts no &lt;|endoftext|&gt; behind a text, so that the vector is that of whatever token is last.</source>
        <translation>它不在文本后加 &lt;|endoftext|&gt;，因此向量属于碰巧排在最后的词元。</translation>
    </message>
    <message>
        <source>It ends texts with another token than &lt;|endoftext|&gt; (cosine {cosine}).</source>
        <translation>它用 &lt;|endoftext|&gt; 以外的词元结束文本（余弦 {cosine}）。</translation>
    </message>
    <message>
        <source>It puts &lt;|endoftext|&gt; behind a text.</source>
        <translation>它在文本后加上 &lt;|endoftext|&gt;。</translation>
    </message>
    <message>
        <source>Whether it puts &lt;|endoftext|&gt; behind a text could not be told.</source>
        <translation>无法判断它是否在文本后加上 &lt;|endoftext|&gt;。</translation>
    </message>
    <message>
        <source>The GGUF file is too old: get a new one, or start llama-server with {options}</source>
        <translation>GGUF 文件太旧：请换新的，或用 {options} 启动 llama-server</translation>
    </message>
    <message>
        <source>The model&apos;s files are from its first days: download them again (tokenizer.json has to be new).</source>
        <translation>模型文件是最早发布的版本：请重新下载（tokenizer.json 必须是新的）。</translation>
    </message>
    <message>
        <source>It pools the last token.</source>
        <translation>它取最后一个词元作为向量。</translation>
    </message>
    <message>
        <source>It pools the first token, and Qwen3 needs the last one: nothing would be found.</source>
        <translation>它取第一个词元，而 Qwen3 需要最后一个：将什么也找不到。</translation>
    </message>
    <message>
        <source>It pools the mean of all tokens, and Qwen3 needs the last one: nothing would be found.</source>
        <translation>它取所有词元的平均，而 Qwen3 需要最后一个：将什么也找不到。</translation>
    </message>
    <message>
        <source>The GGUF file says how to pool: get the official one, or use llama-server, which takes --pooling last.</source>
        <translation>池化方式写在 GGUF 文件里：请用官方文件，或改用接受 --pooling last 的 llama-server。</translation>
    </message>
    <message>
        <source>Its vectors are not those of Qwen3-Embedding-{model}: it misses published similarities by {difference}.</source>
        <translation>它的向量不是 Qwen3-Embedding-{model} 的：与公布的相似度相差 {difference}。</translation>
    </message>
    <message>
        <source>Look which file the server has loaded, and update the server.</source>
        <translation>请查看服务器加载了哪个文件，并更新服务器。</translation>
    </message>
    <message>
        <source>It reproduces the published similarities (difference {difference}).</source>
        <translation>它重现了公布的相似度（相差 {difference}）。</translation>
    </message>
    <message>
        <source>It comes near the published similarities (difference {difference}).</source>
        <translation>它接近公布的相似度（相差 {difference}）。</translation>
    </message>
    <message>
        <source>{server} has no reranking.</source>
        <translation>{server} 没有重排序功能。</translation>
    </message>
    <message>
        <source>Serve a reranker with vLLM, SGLang or llama.cpp.</source>
        <translation>请用 vLLM、SGLang 或 llama.cpp 提供重排序模型。</translation>
    </message>
    <message>
        <source>It tells answers from what is none, with the template that Cognate puts.</source>
        <translation>它能分辨答案与非答案，模板由 Cognate 添加。</translation>
    </message>
    <message>
        <source>It tells answers from what is none, with the server&apos;s own template.</source>
        <translation>它能分辨答案与非答案，使用服务器自己的模板。</translation>
    </message>
    <message>
        <source>It tells answers from what is none, as they are.</source>
        <translation>它能分辨答案与非答案，文本原样发送。</translation>
    </message>
    <message>
        <source>It does not tell an answer from what is none: its template or head is missing.</source>
        <translation>它分不清答案与非答案：缺少模板或输出层。</translation>
    </message>
    <message>
        <source>It does not serve &quot;{model}&quot;, but {others}.</source>
        <translation>它提供的不是“{model}”，而是 {others}。</translation>
    </message>
    <message>
        <source>{model} is a reranker and gives no vectors.</source>
        <translation>{model} 是重排序模型，不给出向量。</translation>
    </message>
    <message>
        <source>Connect it with --reranker.</source>
        <translation>请用 --reranker 连接。</translation>
    </message>
    <message>
        <source>{model} gives vectors and is no reranker.</source>
        <translation>{model} 给出向量，不是重排序模型。</translation>
    </message>
    <message>
        <source>Connect it without --reranker.</source>
        <translation>连接时不要用 --reranker。</translation>
    </message>
    <message>
        <source>Serve {model} instead.</source>
        <translation>请改为提供 {model}。</translation>
    </message>
    <message>
        <source>{model} was not made for this.</source>
        <translation>{model} 不是为此而做的。</translation>
    </message>
    <message>
        <source>It serves {model}.</source>
        <translation>它提供 {model}。</translation>
    </message>
    <message>
        <source>{url}: the server serves {models}. Name one of them with --model.</source>
        <translation>{url}：服务器提供 {models}。请用 --model 指定其中一个。</translation>
    </message>
    <message>
        <source>{url}: the server does not say what it serves. Name the model with --model.</source>
        <translation>{url}：服务器没有说明它提供什么。请用 --model 指定模型。</translation>
    </message>
    <message>
        <source>Texts cross the network unencrypted.</source>
        <translation>文本在网络上未加密传输。</translation>
    </message>
    <message>
        <source>Texts and the key cross the network unencrypted.</source>
        <translation>文本和密钥在网络上未加密传输。</translation>
    </message>
    <message>
        <source>Use https, a tunnel (ssh -L 8000:localhost:8000 HOST), or a network that you trust.</source>
        <translation>请使用 https、隧道（ssh -L 8000:localhost:8000 HOST）或您信任的网络。</translation>
    </message>
    <message>
        <source>No other file is about this.</source>
        <translation>没有其他文件与此有关。</translation>
    </message>
    <message>
        <source>Nothing is close enough to this query.</source>
        <translation>没有与此查询足够接近的结果。</translation>
    </message>
    <message>
        <source>Nothing is indexed yet. Add a folder first.</source>
        <translation>还没有建立任何索引。请先添加文件夹。</translation>
    </message>
    <message>
        <source>Only the best {count} passages could be judged in time.</source>
        <translation>时间有限，只评判了最佳的 {count} 个段落。</translation>
    </message>
    <message>
        <source>There is no reranker, so the order is that of the search. Install one in the settings, or with: cognate models install {model}</source>
        <translation>没有安装重排模型，结果按搜索本身的顺序排列。可在设置中安装，或运行：cognate models install {model}</translation>
    </message>
    <message>
        <source>{model} puts code in a worse order, so the order is that of the search.</source>
        <translation>{model} 会打乱代码的顺序，因此结果按搜索本身的顺序排列。</translation>
    </message>
    <message>
        <source>kind:{value} is not known. Use one of {kinds}.</source>
        <translation>不认识 kind:{value}。请使用其中之一：{kinds}。</translation>
    </message>
    <message>
        <source>{operator} can&apos;t be understood. Write it like {examples}.</source>
        <translation>无法理解 {operator}。请写成 {examples} 这样。</translation>
    </message>
</context>
<context>
    <name>RerankChip</name>
    <message>
        <source>Have the reranker read the best 50 passages and put them in order (Ctrl+R)</source>
        <translation>让重排模型阅读最佳的 50 个段落并重新排序 (Ctrl+R)</translation>
    </message>
    <message>
        <source>Reranking…</source>
        <translation>正在重排…</translation>
    </message>
    <message>
        <source>Reranked</source>
        <translation>已重排</translation>
    </message>
    <message>
        <source>Rerank</source>
        <translation>重排</translation>
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
        <source>Place {rank}, before reranking {before}</source>
        <translation>第 {rank} 位，重排前第 {before} 位</translation>
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
        <source>Let through by the filters</source>
        <translation>符合筛选条件</translation>
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
    <message>
        <source>Found by its name</source>
        <translation>按文件名找到</translation>
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
        <source>What the model reads (Ctrl+I)</source>
        <translation>模型读到的内容 (Ctrl+I)</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>清除</translation>
    </message>
</context>
<context>
    <name>SearchPage</name>
    <message>
        <source>Opening the index…</source>
        <translation>正在打开索引…</translation>
    </message>
    <message>
        <source>Reading {name}…</source>
        <translation>正在读取 {name}…</translation>
    </message>
    <message>
        <source>Reading the best passages…</source>
        <translation>正在阅读最佳段落…</translation>
    </message>
    <message>
        <source>Try other words, or fewer of them.</source>
        <translation>请换一些词，或减少词的数量。</translation>
    </message>
    <message>
        <source>No results</source>
        <translation>没有结果</translation>
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
        <source>{seconds} s</source>
        <translation>{seconds} 秒</translation>
    </message>
    <message>
        <source>1 result</source>
        <translation>1 个结果</translation>
    </message>
    <message>
        <source>{count} results</source>
        <translation>{count} 个结果</translation>
    </message>
    <message numerus="yes">
        <source>%n passage(s) reranked</source>
        <translation>
            <numerusform>已重排 %n 个段落</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SearchPreferences</name>
    <message>
        <source>Rerank every search after a short pause in typing</source>
        <translation>输入稍停后，重排每次搜索的结果</translation>
    </message>
    <message>
        <source>A reranker reads the best 50 passages together with the query, and puts them in order. It takes up to some seconds, and the next keystroke ends it. Ctrl+R does it for one search. Choose one on the page Model.</source>
        <translation>重排模型把最佳的 50 个段落与查询一起阅读，再排出顺序。最多需要几秒钟，下一次按键即可中止。Ctrl+R 只重排一次搜索。请在“模型”页选择重排模型。</translation>
    </message>
    <message>
        <source>Reranking</source>
        <translation>重排</translation>
    </message>
    <message>
        <source>What a larger model is told to look for; the built-in model takes no instruction. Best in English, whatever the language of the query. Empty: the usual one. Ctrl+I shows what exactly the model gets to read.</source>
        <translation>告诉较大的模型要找什么；内置模型不接受指令。无论查询用什么语言，最好用英文。留空：使用默认指令。Ctrl+I 显示模型究竟读到什么。</translation>
    </message>
    <message>
        <source>Instructions</source>
        <translation>指令</translation>
    </message>
    <message>
        <source>Files of any kind</source>
        <translation>各类文件</translation>
    </message>
    <message>
        <source>Only code</source>
        <translation>仅代码</translation>
    </message>
    <message>
        <source>Only e-mail</source>
        <translation>仅邮件</translation>
    </message>
    <message>
        <source>Instruction: {subject}</source>
        <translation>指令：{subject}</translation>
    </message>
</context>
<context>
    <name>ServerPage</name>
    <message>
        <source>the one that it serves</source>
        <translation>它所提供的模型</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>It is a reranker, which judges the best hits</source>
        <translation>它是重排模型，用来评判最佳结果</translation>
    </message>
    <message>
        <source>Connect</source>
        <translation>连接</translation>
    </message>
    <message>
        <source>Connect it all the same</source>
        <translation>仍然连接</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>地址</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>密钥</translation>
    </message>
    <message>
        <source>To start one</source>
        <translation>启动命令</translation>
    </message>
    <message>
        <source>Texts of your files go to this server, and to no other. The key is kept in the keyring of the system.</source>
        <translation>您文件中的文本只会发送到此服务器，不会发送到别处。密钥保存在系统的密钥环中。</translation>
    </message>
    <message>
        <source>It has no reranker.</source>
        <translation>它没有重排模型。</translation>
    </message>
    <message>
        <source>Asking the server…</source>
        <translation>正在询问服务器…</translation>
    </message>
</context>
<context>
    <name>ServerRow</name>
    <message>
        <source>Check</source>
        <translation>检查</translation>
    </message>
    <message>
        <source>Check {server}</source>
        <translation>检查 {server}</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Remove {server}</source>
        <translation>移除 {server}</translation>
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
        <source>Copy the file, to paste it elsewhere</source>
        <translation>复制文件，以便粘贴到别处</translation>
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
        <source>Rerank, or back to the order before</source>
        <translation>重排，或恢复原来的顺序</translation>
    </message>
    <message>
        <source>What the model reads</source>
        <translation>模型读到的内容</translation>
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
    <name>SizeModel</name>
    <message>
        <source>Folder</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>Passages</source>
        <translation>段落</translation>
    </message>
    <message>
        <source>Vectors</source>
        <translation>向量</translation>
    </message>
    <message>
        <source>In the index</source>
        <translation>索引中</translation>
    </message>
</context>
<context>
    <name>SpaceList</name>
    <message>
        <source>What is indexed</source>
        <translation>已建立的索引</translation>
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
    <name>StorageWindow</name>
    <message>
        <source>Storage and backup</source>
        <translation>存储与备份</translation>
    </message>
    <message>
        <source>Back up…</source>
        <translation>备份…</translation>
    </message>
    <message>
        <source>Restore…</source>
        <translation>恢复…</translation>
    </message>
    <message>
        <source>Move…</source>
        <translation>移动…</translation>
    </message>
    <message>
        <source>Progress of the backup</source>
        <translation>备份进度</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Move everything to “{folder}”?</source>
        <translation>将所有内容移动到“{folder}”吗？</translation>
    </message>
    <message>
        <source>Cognate ends, moves, and starts again. It finds its new place by itself.</source>
        <translation>Cognate 会退出、移动并重新启动。它会自动找到新位置。</translation>
    </message>
    <message>
        <source>Move</source>
        <translation>移动</translation>
    </message>
    <message>
        <source>What takes the room</source>
        <translation>占用空间的内容</translation>
    </message>
    <message>
        <source>Choose a folder for the backup</source>
        <translation>选择备份的存放文件夹</translation>
    </message>
    <message>
        <source>Choose a backup</source>
        <translation>选择备份</translation>
    </message>
    <message>
        <source>Choose a folder to move to</source>
        <translation>选择要移动到的文件夹</translation>
    </message>
    <message>
        <source>Restore the backup of {time}, {size}?</source>
        <translation>恢复 {time} 的备份（{size}）吗？</translation>
    </message>
    <message>
        <source>Settings, folders and index become what they were then. Cognate ends, reads the whole backup, puts it in place and starts again; if the backup is damaged, all stays as it is.</source>
        <translation>设置、文件夹和索引将回到当时的状态。Cognate 会退出，读取整个备份，将其就位并重新启动；如果备份已损坏，一切保持原样。</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>恢复</translation>
    </message>
    <message>
        <source>Catalogue</source>
        <translation>目录库</translation>
    </message>
    <message>
        <source>Search index</source>
        <translation>搜索索引</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>日志</translation>
    </message>
    <message>
        <source>Other</source>
        <translation>其他</translation>
    </message>
    <message>
        <source>The backup is whole: {folder}, {size}</source>
        <translation>备份完整：{folder}，{size}</translation>
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
    <name>UpkeepWindow</name>
    <message>
        <source>Waiting for Cognate to end…</source>
        <translation>正在等待 Cognate 结束…</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
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
        <source>Try again now</source>
        <translation>立即重试</translation>
    </message>
    <message>
        <source>Why isn&apos;t a file found?</source>
        <translation>为什么找不到某个文件？</translation>
    </message>
    <message>
        <source>“{name}” is not indexed.</source>
        <translation>“{name}”没有被索引。</translation>
    </message>
    <message>
        <source>Its folder {folder}: {state}. {note}</source>
        <translation>其文件夹 {folder}：{state}。{note}</translation>
    </message>
    <message numerus="yes">
        <source>%Ln document(s) are inside it.</source>
        <translation>
            <numerusform>其中有 %Ln 个文档。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln more can&apos;t be read.</source>
        <translation>
            <numerusform>还有 %Ln 个无法读取。</numerusform>
        </translation>
    </message>
    <message>
        <source>Its place in the queue is {place}.</source>
        <translation>它在队列中排第 {place} 位。</translation>
    </message>
    <message>
        <source>For “{query}” it is not among the first {count} results (by words: {words}, by meaning: {meaning}).</source>
        <translation>对于“{query}”，它不在前 {count} 个结果中（按词语：{words}，按含义：{meaning}）。</translation>
    </message>
    <message numerus="yes">
        <source>%Ln passage(s) of it can be found.</source>
        <translation>
            <numerusform>其中 %Ln 个段落可以被找到。</numerusform>
        </translation>
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
        <source>Not compared with the disk yet</source>
        <translation>尚未与磁盘比较</translation>
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
        <source>Erasing what was forgotten…</source>
        <translation>正在抹除已移除的内容…</translation>
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
    <message numerus="yes">
        <source>%Ln minute(s)</source>
        <translation>
            <numerusform>%Ln 分钟</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln hour(s)</source>
        <translation>
            <numerusform>%Ln 小时</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln day(s)</source>
        <translation>
            <numerusform>%Ln 天</numerusform>
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
        <source>Preparing the model: {percent} %</source>
        <translation>正在准备模型：{percent} %</translation>
    </message>
    <message>
        <source>Indexing {done} of {total}</source>
        <translation>正在索引第 {done} 个，共 {total} 个</translation>
    </message>
    <message>
        <source>Putting the index in order…</source>
        <translation>正在整理索引…</translation>
    </message>
</context>
<context>
    <name>_SpaceRow</name>
    <message>
        <source>Built-in</source>
        <translation>内置</translation>
    </message>
    <message>
        <source>{model}, {count} dimensions</source>
        <translation>{model}，{count} 维</translation>
    </message>
    <message>
        <source>answers searches</source>
        <translation>正在回答搜索</translation>
    </message>
    <message>
        <source>{percent} % of {total} passages</source>
        <translation>{total} 个段落的 {percent} %</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>weights: {precision}</source>
        <translation>权重：{precision}</translation>
    </message>
    <message>
        <source>instruction: {task}</source>
        <translation>指令：{task}</translation>
    </message>
    <message>
        <source>Delete the vectors of {model}</source>
        <translation>删除 {model} 的向量</translation>
    </message>
    <message>
        <source>To go back to this model, it would have to read everything anew. Delete {size} of vectors?</source>
        <translation>要恢复使用此模型，它需要重新读取全部内容。删除 {size} 的向量吗？</translation>
    </message>
    <message>
        <source>kept, to go back to at no cost</source>
        <translation>已保留，可随时无代价地恢复</translation>
    </message>
    <message>
        <source>not whole yet</source>
        <translation>尚未完整</translation>
    </message>
</context>
</TS>
